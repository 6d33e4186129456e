package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.FunctionKernels;
import dev.tenzing.engine.kernel.UnaryFunction;
import java.util.Locale;

/** A function of each element. */
public final class Unary {
  private Unary() {}

  /** {@code f(x)}. */
  public static Tensor apply(UnaryFunction f, Tensor x) {
    String name = f.name().toLowerCase(Locale.ROOT);
    Device device = x.device();
    Expect.dtype(name, "x", x, DType.F32);
    Tensor y = device.empty(DType.F32, x.shape());
    device.kernels().functions().unary(new FunctionKernels.Unary(f, of(x), of(y), y.size()));
    device.record(
        name,
        y,
        (gradients, dy) -> {
          Gradients.Slot dx = gradients.slot(x);
          device
              .kernels()
              .functions()
              .unaryBackward(
                  new FunctionKernels.UnaryBackward(f, of(x), of(y), of(dy), of(dx), y.size()));
        },
        x);
    return y;
  }
}
