package dev.tenzing.engine.kernel;

/** Sums and means over rows. Sums and means are F32. */
public interface ReductionKernels {
  /** See {@link SumRows}. */
  void sumRows(SumRows call);

  /** See {@link MeanTokens}. */
  void meanTokens(MeanTokens call);

  /** See {@link MeanTokensBackward}. */
  void meanTokensBackward(MeanTokensBackward call);

  /** {@code y[C] (+)= } sum of the M rows of x[M,C]. */
  record SumRows(Operand x, Operand y, int M, int C) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(M, C) + y.bytes(C));
    }
  }

  /** {@code y[B,C] = } mean over N of x[B,N,C]. */
  record MeanTokens(Operand x, Operand y, int B, int N, int C) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(B, N, C) + y.bytes(B, C));
    }
  }

  /** {@code dx[B,N,C] (+)= dy[B,C] / N}. */
  record MeanTokensBackward(Operand dy, Operand dx, int B, int N, int C) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(dy.bytes(B, C) + dx.bytes(B, N, C));
    }
  }
}
