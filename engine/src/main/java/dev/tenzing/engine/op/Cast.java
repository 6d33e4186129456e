package dev.tenzing.engine.op;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;

/** The same values in another of the types of activations, F32 or BF16, rounded to the nearest. */
public final class Cast {
  private Cast() {}

  /** {@code x} as a tensor of {@code type}: F32 or what its device gives to activations. */
  public static Tensor apply(Tensor x, DType type) {
    Device device = x.device();
    Expect.activation("cast", "x", x);
    Expect.that(
        type == DType.F32 || type == device.activations(),
        "cast: %s has no tensors of type %s to compute with",
        device,
        type);
    Tensor y = device.empty(type, x.shape());
    device.kernels().cast(x.address(), x.dtype(), y.address(), type, y.size());
    device.record(
        "cast",
        y,
        (gradients, dy) -> {
          Tensor dx = device.empty(x.dtype(), x.shape());
          device.kernels().cast(dy.address(), dy.dtype(), dx.address(), dx.dtype(), dx.size());
          gradients.pass(x, dx);
        },
        x);
    return y;
  }
}
