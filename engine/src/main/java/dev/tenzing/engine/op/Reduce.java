package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.FunctionKernels;
import dev.tenzing.engine.kernel.ReduceFunction;
import java.util.Locale;

/** Sum, mean or largest element along one dimension, which is gone afterwards. */
public final class Reduce {
  private Reduce() {}

  /**
   * Reduces a dimension.
   *
   * @param x [..., M, ...]
   * @param dim that of M, negative from the end
   */
  public static Tensor apply(ReduceFunction f, Tensor x, int dim) {
    String name = f.name().toLowerCase(Locale.ROOT);
    Device device = x.device();
    Expect.dtype(name, "x", x, DType.F32);
    int rank = x.shape().rank();
    int at = dim < 0 ? dim + rank : dim;
    Expect.that(at >= 0 && at < rank, "%s: %s has no dimension %s", name, x, dim);
    int m = Expect.size(name, x.dim(at));
    Expect.that(m > 0, "%s: dimension %s of %s has no elements", name, dim, x);
    long[] rest = new long[rank - 1];
    long outer = 1;
    for (int i = 0; i < rank - 1; i++) {
      rest[i] = x.dim(i < at ? i : i + 1);
      outer *= i < at ? rest[i] : 1;
    }
    long before = outer;
    Tensor y = device.empty(DType.F32, Shape.of(rest));
    long inner = outer == 0 ? 0 : y.size() / outer;
    device
        .kernels()
        .functions()
        .reduce(new FunctionKernels.Reduce(f, of(x), of(y), before, m, inner));
    device.record(
        name,
        y,
        (gradients, dy) -> {
          Gradients.Slot dx = gradients.slot(x);
          device
              .kernels()
              .functions()
              .reduceBackward(
                  new FunctionKernels.ReduceBackward(
                      f, of(x), of(y), of(dy), of(dx), before, m, inner));
        },
        x);
    return y;
  }
}
