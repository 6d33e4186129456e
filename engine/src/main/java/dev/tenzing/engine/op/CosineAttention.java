package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.AttentionKernels;
import dev.tenzing.engine.kernel.CosineHeadKernels;

/**
 * Multi-head self-attention by cosine similarity (Liu et al., Swin Transformer V2, 2022) as
 * VideoMAE V2 has it: {@code softmax(e^min(scale, maxScale) q/|q| (k/|k|)^T) v} with a learned
 * scale for each head. Norms below 1e-12 count as 1e-12, and a scale above the maximum receives no
 * gradient.
 *
 * <p>Queries and keys are divided in a copy of qkv that carries the scale in its queries; the rest
 * is {@link Attention}'s kernels. The copy is made again in the backward, so that no more is kept
 * than of plain attention.
 */
public final class CosineAttention {
  private CosineAttention() {}

  /**
   * Attends within each sample.
   *
   * @param qkv [B, N, 3 * H * D]: q, k and v, each split head-major
   * @param scale [H], logarithm of the factor of each head's logits
   * @param maxScale what a larger scale counts as
   * @return [B, N, H * D], of the type of qkv
   */
  public static Tensor apply(Tensor qkv, Tensor scale, float maxScale) {
    Device device = Expect.sameDevice("cosineAttention", qkv, scale);
    Expect.shape("cosineAttention", "qkv", qkv, -1, -1, -1);
    Expect.shape("cosineAttention", "scale", scale, -1);
    Expect.activation("cosineAttention", "qkv", qkv);
    Expect.dtype("cosineAttention", "scale", scale, DType.F32);
    int heads = Expect.size("cosineAttention", scale.dim(0));
    Expect.that(
        heads > 0 && qkv.dim(2) % (3L * heads) == 0,
        "cosineAttention: qkv %s does not split into q, k, v of %s heads",
        qkv,
        heads);
    int b = Expect.size("cosineAttention", qkv.dim(0));
    int n = Expect.size("cosineAttention", qkv.dim(1));
    int d = Expect.size("cosineAttention", qkv.dim(2) / (3L * heads));
    int rows = Expect.size("cosineAttention", (long) b * n);
    Tensor out = device.empty(qkv.dtype(), Shape.of(b, n, (long) heads * d));
    Tensor lse = device.empty(DType.F32, Shape.of(b, heads, n));
    try (Tensor cosine = cosine(qkv, scale, rows, heads, d, maxScale)) {
      device
          .kernels()
          .attention()
          .forward(new AttentionKernels.Attention(of(cosine), of(out), of(lse), b, n, heads, d, 1));
    }
    device.record(
        "cosineAttention",
        out,
        new Tensor[] {lse},
        (gradients, dout) -> {
          Tensor dqkv = device.empty(qkv.dtype(), qkv.shape());
          try (Tensor cosine = cosine(qkv, scale, rows, heads, d, maxScale)) {
            device
                .kernels()
                .attention()
                .backward(
                    new AttentionKernels.AttentionBackward(
                        of(cosine), of(out), of(dout), of(lse), of(dqkv), b, n, heads, d, 1));
          }
          Gradients.Slot dscale = gradients.wants(scale) ? gradients.slot(scale) : null;
          device
              .kernels()
              .cosineHeads()
              .backward(
                  new CosineHeadKernels.CosineHeadsBackward(
                      of(qkv),
                      of(scale),
                      of(dqkv),
                      of(dqkv),
                      of(dscale),
                      rows,
                      heads,
                      d,
                      maxScale));
          gradients.pass(qkv, dqkv);
        },
        qkv,
        scale);
    return out;
  }

  private static Tensor cosine(
      Tensor qkv, Tensor scale, int rows, int heads, int d, float maxScale) {
    Tensor cosine = qkv.device().empty(qkv.dtype(), qkv.shape());
    qkv.device()
        .kernels()
        .cosineHeads()
        .forward(
            new CosineHeadKernels.CosineHeads(
                of(qkv), of(scale), of(cosine), rows, heads, d, maxScale));
    return cosine;
  }
}
