package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.PointwiseKernels;

/** {@code y = a + b} for tensors of one shape. */
public final class Add {
  private Add() {}

  /** Adds two tensors of one shape. */
  public static Tensor apply(Tensor a, Tensor b) {
    Device device = Expect.sameDevice("add", a, b);
    Expect.dtype("add", "a", a, DType.F32);
    Expect.dtype("add", "b", b, DType.F32);
    Expect.that(a.shape().equals(b.shape()), "add: shapes differ, a=%s b=%s", a, b);
    Tensor y = device.empty(DType.F32, a.shape());
    device.kernels().pointwise().add(new PointwiseKernels.Add(of(a), of(b), of(y), y.size()));
    device.record(
        "add",
        y,
        (gradients, dy) -> {
          if (gradients.wants(b)) {
            Gradients.Slot db = gradients.slot(b);
            device
                .kernels()
                .pointwise()
                .scale(new PointwiseKernels.Scale(of(dy), 1f, of(db), dy.size()));
          }
          gradients.pass(a, dy);
        },
        a,
        b);
    return y;
  }
}
