package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.LayoutKernels;

/** The dimensions of a tensor in another order, as {@code torch.permute} but copied. */
public final class Permute {
  private Permute() {}

  /**
   * Copies.
   *
   * @param x F32 or I32
   * @param order dimension i of the result is dimension {@code order[i]} of x
   */
  public static Tensor apply(Tensor x, int... order) {
    int rank = x.shape().rank();
    Expect.that(
        x.dtype() == DType.F32 || x.dtype() == DType.I32,
        "permute: x must be F32 or I32, is %s %s",
        x.dtype(),
        x);
    Expect.that(
        rank <= LayoutKernels.Permute.DIMENSIONS,
        "permute: %s has more than %s dimensions",
        x,
        LayoutKernels.Permute.DIMENSIONS);
    int[] back = new int[rank];
    boolean[] seen = new boolean[rank];
    boolean fits = order.length == rank;
    for (int i = 0; fits && i < rank; i++) {
      fits = order[i] >= 0 && order[i] < rank && !seen[order[i]];
      if (fits) {
        seen[order[i]] = true;
        back[order[i]] = i;
      }
    }
    Expect.that(fits, "permute: an order of the dimensions of %s names each once", x);
    Device device = x.device();
    Tensor y = permuted(x, order);
    device.record("permute", y, (gradients, dy) -> gradients.pass(x, permuted(dy, back)), x);
    return y;
  }

  private static Tensor permuted(Tensor x, int... order) {
    int rank = order.length;
    long[] strideOf = new long[rank];
    long stride = 1;
    for (int i = rank - 1; i >= 0; i--) {
      strideOf[i] = stride;
      stride *= x.dim(i);
    }
    long[] sizes = new long[rank];
    long[] strides = new long[rank];
    for (int i = 0; i < rank; i++) {
      sizes[i] = x.dim(order[i]);
      strides[i] = strideOf[order[i]];
    }
    Tensor y = x.device().empty(x.dtype(), Shape.of(sizes));
    x.device().kernels().layout().permute(new LayoutKernels.Permute(of(x), of(y), sizes, strides));
    return y;
  }
}
