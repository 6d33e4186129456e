package dev.tenzing.engine.kernel;

/** Which tokens matter: motion importance, sorting, taking the first few. */
public interface RankingKernels {
  /** See {@link MotionImportance}. */
  void motionImportance(MotionImportance call);

  /** See {@link Argsort}. */
  void argsort(Argsort call);

  /** See {@link TakeSorted}. */
  void takeSorted(TakeSorted call);

  /**
   * Motion importance[B,T*L] of tokens[B,T*L,C]: the L2 distance to the token at the same place one
   * slot earlier; slot 0 takes slot 1's value, and with T = 1 it is zero. Sums are taken in double
   * precision.
   */
  record MotionImportance(Operand tokens, Operand importance, int B, int T, int L, int C)
      implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(tokens.bytes(B, T, L, C) + importance.bytes(B, T, L));
    }
  }

  /**
   * I32 order[M,N]: indices of each row of keys[M,N] sorted ascending, or descending; equal keys
   * (-0 equals 0) keep the lower index first, and NaN is larger than every number.
   */
  record Argsort(Operand keys, Operand order, int M, int N, boolean descending)
      implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(keys.bytes(M, N) + order.bytes(M, N));
    }
  }

  /**
   * {@code y[r,j] = ids[r, perm[r, from + j]]} for I32 ids[M,N], perm[M,K] and count columns, then
   * each row sorted ascending.
   */
  record TakeSorted(Operand ids, int N, Operand perm, int K, Operand y, int M, int from, int count)
      implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(ids.bytes(M, count) + perm.bytes(M, count) + y.bytes(M, count));
    }
  }
}
