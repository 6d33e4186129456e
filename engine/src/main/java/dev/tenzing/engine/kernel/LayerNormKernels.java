package dev.tenzing.engine.kernel;

/** Layer normalisation. y and dy are activations, all else is F32. */
public interface LayerNormKernels {
  /** See {@link LayerNorm}. */
  void forward(LayerNorm call);

  /** See {@link LayerNormBackward}. */
  void backward(LayerNormBackward call);

  /**
   * {@code y = (x - mean) rstd w + b} for each of M rows of C; mean[M] and rstd[M] are kept for the
   * backward. Variance is the biased one.
   */
  record LayerNorm(
      Operand x,
      Operand w,
      Operand b,
      Operand y,
      Operand mean,
      Operand rstd,
      int M,
      int C,
      float eps)
      implements KernelCall {
    @Override
    public Cost cost() {
      long columns = w.bytes(C) + b.bytes(C);
      return Cost.moving(x.bytes(M, C) + y.bytes(M, C) + columns + mean.bytes(M) + rstd.bytes(M));
    }
  }

  /** Gradients of {@link LayerNorm}: dx[M,C] (+)=, dw[C] (+)=, db[C] (+)= if dw is added to. */
  record LayerNormBackward(
      Operand dy,
      Operand x,
      Operand w,
      Operand mean,
      Operand rstd,
      Operand dx,
      Operand dw,
      Operand db,
      int M,
      int C)
      implements KernelCall {
    @Override
    public Cost cost() {
      long rows = dy.bytes(M, C) + x.bytes(M, C) + mean.bytes(M) + rstd.bytes(M) + dx.bytes(M, C);
      return Cost.moving(rows + w.bytes(C) + dw.bytes(C) + db.bytes(C));
    }
  }
}
