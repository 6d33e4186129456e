package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;
import static dev.tenzing.engine.kernel.Operand.optional;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.LinearKernels;
import dev.tenzing.engine.kernel.PointwiseKernels;

/**
 * {@code y = gelu(x W1^T + b1) W2^T + b2}, optionally plus a residual: a transformer's MLP, with
 * the erf form of GELU (Hendrycks & Gimpel, 2016).
 *
 * <p>Of the hidden layer only the values before GELU are kept for the backward. It makes those
 * after it again from GELU's derivative, in one pass and into the same memory, so that this costs
 * no pass over memory but the writing.
 */
public final class FeedForward {
  private FeedForward() {}

  /**
   * Applies both layers to the last dimension.
   *
   * @param x [..., C]
   * @param weight1 [F, C]
   * @param bias1 [F] or null
   * @param weight2 [N, F]
   * @param bias2 [N] or null
   * @param residual [..., N] or null
   * @return [..., N]
   */
  public static Tensor apply(
      Tensor x, Tensor weight1, Tensor bias1, Tensor weight2, Tensor bias2, Tensor residual) {
    Device device = Expect.sameDevice("feedForward", x, weight1, bias1, weight2, bias2, residual);
    Expect.shape("feedForward", "weight1", weight1, -1, -1);
    Expect.that(
        weight1.dim(1) == x.dim(-1),
        "feedForward: inner sizes differ, x=%s weight1=%s",
        x,
        weight1);
    Expect.shape("feedForward", "bias1", bias1, weight1.dim(0));
    Expect.shape("feedForward", "weight2", weight2, -1, weight1.dim(0));
    Expect.shape("feedForward", "bias2", bias2, weight2.dim(0));
    Expect.activation("feedForward", "x", x);
    for (Tensor parameter : new Tensor[] {weight1, bias1, weight2, bias2}) {
      Expect.dtype("feedForward", "a parameter", parameter, DType.F32);
    }
    Expect.dtype("feedForward", "residual", residual, DType.F32);
    Tensor y = device.empty(DType.F32, x.shape().with(-1, weight2.dim(0)));
    if (residual != null) {
      Expect.shape("feedForward", "residual", residual, y.shape().toArray());
    }
    int rows = Expect.size("feedForward", x.shape().rows());
    int c = Expect.size("feedForward", x.dim(-1));
    int hidden = Expect.size("feedForward", weight1.dim(0));
    int n = Expect.size("feedForward", weight2.dim(0));
    DType type = device.activations();
    boolean recorded = device.records(x, weight1, bias1, weight2, bias2, residual);
    Tensor before = recorded ? device.empty(type, x.shape().with(-1, hidden)) : null;
    try (Tensor after = device.empty(type, x.shape().with(-1, hidden))) {
      device
          .kernels()
          .linear()
          .gelu(
              new LinearKernels.LinearGelu(
                  of(x),
                  of(weight1),
                  optional(bias1),
                  optional(before),
                  of(after),
                  rows,
                  hidden,
                  c));
      device
          .kernels()
          .linear()
          .forward(
              new LinearKernels.Linear(
                  of(after),
                  of(weight2),
                  optional(bias2),
                  optional(residual),
                  of(y),
                  rows,
                  n,
                  hidden));
    }
    if (recorded) {
      device.record(
          "feedForward",
          y,
          new Tensor[] {before},
          (gradients, dy) -> {
            Tensor dhidden = device.empty(type, before.shape());
            hiddenBackward(dy, weight2, before, dhidden, rows, n, hidden);
            // Now holds the values after GELU; nothing flows further from there.
            Linear.backward(gradients, dy, before, weight2, bias2, rows, n, hidden);
            before.close();
            Linear.backward(gradients, dhidden, x, weight1, bias1, rows, hidden, c);
            dhidden.close();
            if (residual != null) {
              gradients.pass(residual, dy);
            }
          },
          x,
          weight1,
          bias1,
          weight2,
          bias2,
          residual);
    }
    return y;
  }

  /** The gradient before GELU; the values before it become those after it. */
  private static void hiddenBackward(
      Tensor dy, Tensor weight2, Tensor before, Tensor dhidden, int rows, int n, int hidden) {
    dy.device()
        .kernels()
        .linear()
        .backwardInput(
            new LinearKernels.LinearBackwardInput(
                of(dy), of(weight2), of(dhidden), rows, n, hidden));
    dy.device()
        .kernels()
        .pointwise()
        .geluBackward(
            new PointwiseKernels.GeluBackward(
                of(before), of(dhidden), of(dhidden), of(before), dhidden.size()));
  }
}
