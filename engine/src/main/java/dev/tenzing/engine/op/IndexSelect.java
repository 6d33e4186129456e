package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.TokenKernels;

/**
 * Entries of one dimension by their numbers, as {@code torch.index_select}. Gradients of entries
 * that are selected more than once add up.
 */
public final class IndexSelect {
  private IndexSelect() {}

  /**
   * Selects entries.
   *
   * @param x [..., N, ...]
   * @param dim that of N, negative from the end
   * @param index I32 [M], each in 0..N-1
   * @return [..., M, ...]
   */
  public static Tensor apply(Tensor x, int dim, Tensor index) {
    Device device = Expect.sameDevice("indexSelect", x, index);
    Expect.dtype("indexSelect", "x", x, DType.F32);
    Expect.dtype("indexSelect", "index", index, DType.I32);
    Expect.shape("indexSelect", "index", index, -1);
    Expect.indices("indexSelect", "index", index, x.dim(dim));
    Blocks blocks = Blocks.of(x.shape(), dim);
    int outer = Expect.size("indexSelect", blocks.outer());
    int inner = Expect.size("indexSelect", blocks.inner() / Float.BYTES);
    int n = Expect.size("indexSelect", x.dim(dim));
    int m = Expect.size("indexSelect", index.dim(0));
    // The same for each entry of the dimensions before.
    Tensor all = device.empty(DType.I32, Shape.of(outer, m));
    device
        .kernels()
        .tokens()
        .copyRows(
            new TokenKernels.CopyRows(index.address(), 0, all.address(), 4L * m, outer, 4L * m));
    Tensor y = device.empty(DType.F32, x.shape().with(dim, m));
    device
        .kernels()
        .tokens()
        .gather(new TokenKernels.GatherTokens(of(x), of(all), of(y), outer, n, m, inner));
    device.record(
        "indexSelect",
        y,
        new Tensor[] {all},
        (gradients, dy) -> {
          Gradients.Slot dx = gradients.slot(x);
          device
              .kernels()
              .tokens()
              .gatherBackward(
                  new TokenKernels.GatherTokensBackward(
                      of(dy), of(all), of(dx), outer, n, m, inner));
        },
        x);
    return y;
  }
}
