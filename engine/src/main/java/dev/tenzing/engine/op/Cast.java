package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.PointwiseKernels;

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
    device.kernels().pointwise().cast(new PointwiseKernels.Cast(of(x), of(y), y.size()));
    device.record(
        "cast",
        y,
        (gradients, dy) -> {
          Tensor dx = device.empty(x.dtype(), x.shape());
          device.kernels().pointwise().cast(new PointwiseKernels.Cast(of(dy), of(dx), dx.size()));
          gradients.pass(x, dx);
        },
        x);
    return y;
  }
}
