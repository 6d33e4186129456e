package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;
import static dev.tenzing.engine.kernel.Operand.optional;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.LossKernels;

/** Mean squared error over all elements, or over the rows that a weight names. */
public final class MeanSquaredError {
  private MeanSquaredError() {}

  /**
   * {@code mean((x - target)^2)}.
   *
   * @param x [..., C]
   * @param target [..., C]; takes no gradient
   * @return []
   */
  public static Tensor apply(Tensor x, Tensor target) {
    return apply(x, target, null, x.shape().rows());
  }

  /**
   * {@code sum over rows of weight * mean over C of (x - target)^2 / count}.
   *
   * @param weight one value a row of x, or null for ones; takes no gradient
   * @param count what the sum is divided by, usually the sum of the weights
   */
  public static Tensor apply(Tensor x, Tensor target, Tensor weight, double count) {
    Device device = Expect.sameDevice("meanSquaredError", x, target, weight);
    Expect.dtype("meanSquaredError", "x", x, DType.F32);
    Expect.dtype("meanSquaredError", "target", target, DType.F32);
    Expect.dtype("meanSquaredError", "weight", weight, DType.F32);
    Expect.constant("meanSquaredError", "target", target);
    Expect.constant("meanSquaredError", "weight", weight);
    Expect.shape("meanSquaredError", "target", target, x.shape().toArray());
    Expect.that(x.size() > 0, "meanSquaredError: x %s has no elements", x);
    int rows = Expect.size("meanSquaredError", x.shape().rows());
    int c = Expect.size("meanSquaredError", x.dim(-1));
    Expect.that(
        weight == null || weight.size() == rows,
        "meanSquaredError: %s rows of x but weight %s",
        rows,
        weight);
    double scale = 1 / (count * c);
    Tensor loss = device.empty(DType.F32, Shape.SCALAR);
    device
        .kernels()
        .losses()
        .squaredError(
            new LossKernels.SquaredError(
                of(x), of(target), optional(weight), of(loss), rows, c, scale));
    device.record(
        "meanSquaredError",
        loss,
        (gradients, dloss) -> {
          Gradients.Slot dx = gradients.slot(x);
          device
              .kernels()
              .losses()
              .squaredErrorBackward(
                  new LossKernels.SquaredErrorBackward(
                      of(dloss), of(x), of(target), optional(weight), of(dx), rows, c, scale));
        },
        x);
    return loss;
  }
}
