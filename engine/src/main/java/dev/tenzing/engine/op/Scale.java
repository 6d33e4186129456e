package dev.tenzing.engine.op;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Tensor;

/** {@code y = alpha x}. */
public final class Scale {
  private Scale() {}

  /** Multiplies every element by a constant. */
  public static Tensor apply(Tensor x, float alpha) {
    Device device = x.device();
    Expect.dtype("scale", "x", x, DType.F32);
    Tensor y = device.empty(DType.F32, x.shape());
    device.kernels().scale(x.address(), alpha, y.address(), y.size(), false);
    device.record(
        "scale",
        y,
        (gradients, dy) -> {
          Gradients.Slot dx = gradients.slot(x);
          device.kernels().scale(dy.address(), alpha, dx.address(), dy.size(), dx.accumulate());
        },
        x);
    return y;
  }
}
