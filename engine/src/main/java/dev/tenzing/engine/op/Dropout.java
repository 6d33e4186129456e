package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.DropoutKernels;

/**
 * Dropout (Srivastava et al., 2014): each element is 0 with probability {@code rate}, the others
 * are divided by {@code 1 - rate}. The mask is drawn where it is used and drawn again in the
 * backward, so none is stored.
 */
public final class Dropout {
  private Dropout() {}

  /**
   * Drops elements.
   *
   * @param x [B, ...]
   * @param rate in [0, 1)
   * @param rng generator of this place in the model
   * @param step step of the run
   * @param first index of the first sample within the step: sample b draws from (step, first + b)
   */
  public static Tensor apply(Tensor x, float rate, Rng rng, long step, long first) {
    Device device = x.device();
    Expect.dtype("dropout", "x", x, DType.F32);
    Expect.that(x.shape().rank() > 0, "dropout: %s has no samples", x);
    Expect.that(rate >= 0 && rate < 1, "dropout: the rate must be in [0, 1), is %s", rate);
    device.refuseCapture("dropout", "every replay would draw what this step draws");
    int b = Expect.size("dropout", x.dim(0));
    int n = Expect.size("dropout", b == 0 ? 0 : x.size() / b);
    Tensor y = device.empty(DType.F32, x.shape());
    device
        .kernels()
        .dropout()
        .forward(
            new DropoutKernels.Dropout(of(x), of(y), b, n, rate, rng.key(), step, (int) first));
    device.record(
        "dropout",
        y,
        (gradients, dy) -> {
          Tensor dx = device.empty(DType.F32, x.shape());
          device
              .kernels()
              .dropout()
              .forward(
                  new DropoutKernels.Dropout(
                      of(dy), of(dx), b, n, rate, rng.key(), step, (int) first));
          gradients.pass(x, dx);
        },
        x);
    return y;
  }
}
