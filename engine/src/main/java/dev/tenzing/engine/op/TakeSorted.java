package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.RankingKernels;

/**
 * Some columns of ids in a permuted order, sorted again: how a shuffled ranking is split into sets
 * of tokens. It has no backward.
 */
public final class TakeSorted {
  private TakeSorted() {}

  /**
   * Takes {@code ids[r, permutation[r, from + j]]} for j in 0..count-1 and sorts each row
   * ascending.
   *
   * @param ids I32 [M, N]
   * @param permutation I32 [M, K], each in 0..N-1
   * @return I32 [M, count]
   */
  public static Tensor apply(Tensor ids, Tensor permutation, int from, int count) {
    Device device = Expect.sameDevice("takeSorted", ids, permutation);
    Expect.dtype("takeSorted", "ids", ids, DType.I32);
    Expect.dtype("takeSorted", "permutation", permutation, DType.I32);
    Expect.shape("takeSorted", "ids", ids, -1, -1);
    Expect.shape("takeSorted", "permutation", permutation, ids.dim(0), -1);
    Expect.that(
        from >= 0 && count >= 0 && from + (long) count <= permutation.dim(1),
        "takeSorted: columns %s to %s of %s",
        from,
        from + (long) count,
        permutation);
    Expect.indices("takeSorted", "permutation", permutation, ids.dim(1));
    int m = Expect.size("takeSorted", ids.dim(0));
    int n = Expect.size("takeSorted", ids.dim(1));
    int k = Expect.size("takeSorted", permutation.dim(1));
    Tensor y = device.empty(DType.I32, Shape.of(m, count));
    device
        .kernels()
        .ranking()
        .takeSorted(
            new RankingKernels.TakeSorted(of(ids), n, of(permutation), k, of(y), m, from, count));
    return y;
  }
}
