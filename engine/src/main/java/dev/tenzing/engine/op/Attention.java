package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.AttentionKernels;

/**
 * Multi-head scaled dot-product self-attention (Vaswani et al., 2017) on a packed qkv as one GEMM
 * leaves it. The N x N weights are never stored: forward and backward work in tiles with a running
 * softmax (Dao et al., FlashAttention, 2022).
 */
public final class Attention {
  private Attention() {}

  /**
   * Attends within each sample.
   *
   * @param qkv [B, N, 3 * H * D]: q, k and v, each split head-major
   * @param heads H
   * @param scale factor of the logits, usually D^-0.5
   * @return [B, N, H * D], of the type of qkv
   */
  public static Tensor apply(Tensor qkv, int heads, float scale) {
    Device device = qkv.device();
    Expect.shape("attention", "qkv", qkv, -1, -1, -1);
    Expect.activation("attention", "qkv", qkv);
    Expect.that(
        heads > 0 && qkv.dim(2) % (3L * heads) == 0,
        "attention: qkv %s does not split into q, k, v of %s heads",
        qkv,
        heads);
    int b = Expect.size("attention", qkv.dim(0));
    int n = Expect.size("attention", qkv.dim(1));
    int d = Expect.size("attention", qkv.dim(2) / (3L * heads));
    Tensor out = device.empty(qkv.dtype(), Shape.of(b, n, (long) heads * d));
    Tensor lse = device.empty(DType.F32, Shape.of(b, heads, n));
    device
        .kernels()
        .attention()
        .forward(new AttentionKernels.Attention(of(qkv), of(out), of(lse), b, n, heads, d, scale));
    device.record(
        "attention",
        out,
        new Tensor[] {lse},
        (gradients, dout) -> {
          Tensor dqkv = device.empty(qkv.dtype(), qkv.shape());
          device
              .kernels()
              .attention()
              .backward(
                  new AttentionKernels.AttentionBackward(
                      of(qkv), of(out), of(dout), of(lse), of(dqkv), b, n, heads, d, scale));
          gradients.pass(qkv, dqkv);
        },
        qkv);
    return out;
  }

  /** Multiply-adds of the forward: N x N logits and as many weighted sums, for each head. */
  public static long macs(long b, long n, long heads, long d) {
    return 2 * b * n * n * heads * d;
  }
}
