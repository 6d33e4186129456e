package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.PointwiseKernels;

/** {@code y = alpha x}. */
public final class Scale {
  private Scale() {}

  /** Multiplies every element by a constant. */
  public static Tensor apply(Tensor x, float alpha) {
    Device device = x.device();
    Expect.dtype("scale", "x", x, DType.F32);
    Tensor y = device.empty(DType.F32, x.shape());
    device.kernels().pointwise().scale(new PointwiseKernels.Scale(of(x), alpha, of(y), y.size()));
    device.record(
        "scale",
        y,
        (gradients, dy) -> {
          Gradients.Slot dx = gradients.slot(x);
          device
              .kernels()
              .pointwise()
              .scale(new PointwiseKernels.Scale(of(dy), alpha, of(dx), dy.size()));
        },
        x);
    return y;
  }
}
