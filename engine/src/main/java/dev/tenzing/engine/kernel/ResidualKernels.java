package dev.tenzing.engine.kernel;

/**
 * Residual branches with layer scale and stochastic depth. The branch and its gradient have one
 * type, all else is F32.
 */
public interface ResidualKernels {
  /** See {@link Residual}. */
  void forward(Residual call);

  /** See {@link ResidualBackward}. */
  void backward(ResidualBackward call);

  /**
   * {@code y[b,n,c] = x[b,n,c] + sampleScale[b] gamma[c] branch[b,n,c]} for B samples of N rows of
   * C. gamma[C] and sampleScale[B] are optional; y may be x.
   */
  record Residual(
      Operand x, Operand branch, Operand gamma, Operand sampleScale, Operand y, int B, int N, int C)
      implements KernelCall {
    @Override
    public Cost cost() {
      long rows = x.bytes(B, N, C) + branch.bytes(B, N, C) + y.bytes(B, N, C);
      return Cost.moving(rows + gamma.bytes(C) + sampleScale.bytes(B));
    }
  }

  /**
   * {@code dbranch = sampleScale gamma dy} and {@code dgamma[C] (+)= sum of sampleScale dy branch};
   * gamma, sampleScale and dgamma are optional. The branch is read only for dgamma, and absent
   * without it.
   */
  record ResidualBackward(
      Operand dy,
      Operand branch,
      Operand gamma,
      Operand sampleScale,
      Operand dbranch,
      Operand dgamma,
      int B,
      int N,
      int C)
      implements KernelCall {
    @Override
    public Cost cost() {
      long rows = dy.bytes(B, N, C) + branch.bytes(B, N, C) + dbranch.bytes(B, N, C);
      return Cost.moving(rows + gamma.bytes(C) + sampleScale.bytes(B) + dgamma.bytes(C));
    }
  }
}
