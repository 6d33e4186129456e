package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.FunctionKernels;
import dev.tenzing.engine.kernel.Operand;

/** Elements of one of two tensors, as a condition says. */
public final class Where {
  private Where() {}

  /**
   * {@code a} where the condition is not 0, else {@code b}; all of one shape.
   *
   * @param condition I32
   */
  public static Tensor apply(Tensor condition, Tensor a, Tensor b) {
    Device device = Expect.sameDevice("where", condition, a, b);
    Expect.dtype("where", "condition", condition, DType.I32);
    Expect.dtype("where", "a", a, DType.F32);
    Expect.dtype("where", "b", b, DType.F32);
    Expect.shape("where", "a", a, condition.shape().toArray());
    Expect.shape("where", "b", b, condition.shape().toArray());
    Tensor y = device.empty(DType.F32, a.shape());
    choose(condition, of(a), of(b), of(y));
    device.record(
        "where",
        y,
        (gradients, dy) -> {
          if (gradients.wants(a)) {
            Gradients.Slot da = gradients.slot(a);
            choose(condition, of(dy), Operand.NONE, of(da));
          }
          if (gradients.wants(b)) {
            Gradients.Slot db = gradients.slot(b);
            choose(condition, Operand.NONE, of(dy), of(db));
          }
        },
        a,
        b);
    return y;
  }

  private static void choose(Tensor condition, Operand a, Operand b, Operand y) {
    condition
        .device()
        .kernels()
        .functions()
        .where(new FunctionKernels.Where(of(condition), a, b, y, condition.size()));
  }
}
