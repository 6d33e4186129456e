package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.BinaryFunction;
import dev.tenzing.engine.kernel.FunctionKernels;
import dev.tenzing.engine.kernel.FunctionKernels.Broadcast;
import java.util.Locale;

/**
 * A function of two tensors, element by element. The smaller one is spread over leading or trailing
 * dimensions of the other: its shape, with ones in front up to the other's rank, is ones, then
 * sizes of the other, then ones.
 */
public final class Binary {
  private Binary() {}

  /** {@code f(a, b)} of the shape of the larger one. */
  public static Tensor apply(BinaryFunction f, Tensor a, Tensor b) {
    String name = f.name().toLowerCase(Locale.ROOT);
    if (f == BinaryFunction.ADD && a.shape().equals(b.shape())) {
      return Add.apply(a, b);
    }
    Device device = Expect.sameDevice(name, a, b);
    Expect.dtype(name, "a", a, DType.F32);
    Expect.dtype(name, "b", b, DType.F32);
    Broadcast sizes = broadcast(name, a, b);
    Tensor y = device.empty(DType.F32, sizes.firstSmall() ? b.shape() : a.shape());
    device.kernels().functions().binary(new FunctionKernels.Binary(f, of(a), of(b), of(y), sizes));
    device.record(
        name,
        y,
        (gradients, dy) -> {
          backward(gradients, f, true, a, b, dy, sizes);
          backward(gradients, f, false, a, b, dy, sizes);
        },
        a,
        b);
    return y;
  }

  private static void backward(
      Gradients gradients,
      BinaryFunction f,
      boolean first,
      Tensor a,
      Tensor b,
      Tensor dy,
      Broadcast sizes) {
    Tensor x = first ? a : b;
    if (gradients.wants(x)) {
      Gradients.Slot dx = gradients.slot(x);
      dy.device()
          .kernels()
          .functions()
          .binaryBackward(
              new FunctionKernels.BinaryBackward(f, first, of(a), of(b), of(dy), of(dx), sizes));
    }
  }

  private static Broadcast broadcast(String name, Tensor a, Tensor b) {
    if (a.shape().equals(b.shape())) {
      return new Broadcast(1, a.size(), 1, false, false);
    }
    boolean sameSize = a.size() == b.size();
    boolean firstSmall = sameSize ? a.shape().rank() < b.shape().rank() : a.size() < b.size();
    Shape large = firstSmall ? b.shape() : a.shape();
    Shape small = firstSmall ? a.shape() : b.shape();
    int ones = large.rank() - small.rank();
    Expect.that(ones >= 0, "%s: shapes do not fit, a=%s b=%s", name, a, b);
    int from = 0;
    while (from < large.rank() && (from < ones || small.dim(from - ones) == 1)) {
      from++;
    }
    int to = large.rank();
    while (to > from && small.dim(to - 1 - ones) == 1) {
      to--;
    }
    long outer = 1;
    long middle = 1;
    long inner = 1;
    for (int i = 0; i < large.rank(); i++) {
      if (i < from) {
        outer *= large.dim(i);
      } else if (i < to) {
        Expect.that(
            small.dim(i - ones) == large.dim(i), "%s: shapes do not fit, a=%s b=%s", name, a, b);
        middle *= large.dim(i);
      } else {
        inner *= large.dim(i);
      }
    }
    return new Broadcast(outer, middle, inner, firstSmall, !firstSmall);
  }
}
