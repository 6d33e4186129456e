package dev.tenzing.engine.kernel;

/**
 * Linear layers, {@code y = x w^T + b}, and products of matrices. Weights, biases and residuals are
 * F32.
 */
public interface LinearKernels {
  /** See {@link Linear}. */
  void forward(Linear call);

  /** See {@link LinearGelu}. */
  void gelu(LinearGelu call);

  /** See {@link LinearBackwardInput}. */
  void backwardInput(LinearBackwardInput call);

  /** See {@link LinearBackwardWeight}. */
  void backwardWeight(LinearBackwardWeight call);

  /** See {@link MatrixProduct}. */
  void multiply(MatrixProduct call);

  /**
   * {@code y[M,N] = x[M,K] w[N,K]^T + bias[N] + residual[M,N]}; bias and residual are optional, y
   * may be the residual.
   */
  record Linear(
      Operand x, Operand w, Operand bias, Operand residual, Operand y, int M, int N, int K)
      implements KernelCall {
    @Override
    public Cost cost() {
      long inputs = x.bytes(M, K) + w.bytes(N, K) + bias.bytes(N) + residual.bytes(M, N);
      return Cost.product(M, N, K, inputs + y.bytes(M, N));
    }
  }

  /**
   * {@code pre[M,N] = x w^T + bias; y = gelu(pre)} with the erf form of GELU; bias and pre are
   * optional, pre has the type of y.
   */
  record LinearGelu(Operand x, Operand w, Operand bias, Operand pre, Operand y, int M, int N, int K)
      implements KernelCall {
    @Override
    public Cost cost() {
      long inputs = x.bytes(M, K) + w.bytes(N, K) + bias.bytes(N);
      return Cost.product(M, N, K, inputs + pre.bytes(M, N) + y.bytes(M, N));
    }
  }

  /** {@code dx[M,K] (+)= dy[M,N] w[N,K]}. */
  record LinearBackwardInput(Operand dy, Operand w, Operand dx, int M, int N, int K)
      implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.product(M, N, K, dy.bytes(M, N) + w.bytes(N, K) + dx.bytes(M, K));
    }
  }

  /**
   * {@code dw[N,K] (+)= dy[M,N]^T x[M,K]}; {@code dbias[N] (+)= } column sums of dy, optional and
   * added to if dw is.
   */
  record LinearBackwardWeight(Operand dy, Operand x, Operand dw, Operand dbias, int M, int N, int K)
      implements KernelCall {
    @Override
    public Cost cost() {
      long outputs = dw.bytes(N, K) + dbias.bytes(N);
      return Cost.product(M, N, K, dy.bytes(M, N) + x.bytes(M, K) + outputs);
    }
  }

  /**
   * {@code y[batch,M,N] (+)= op(a) op(b)} of F32 matrices, one pair after the other.
   *
   * @param transposeA whether a is stored as [K,M] and not [M,K]
   * @param transposeB whether b is stored as [N,K] and not [K,N]
   */
  record MatrixProduct(
      Operand a,
      boolean transposeA,
      Operand b,
      boolean transposeB,
      Operand y,
      int batch,
      int M,
      int N,
      int K)
      implements KernelCall {
    @Override
    public Cost cost() {
      long bytes = a.bytes(batch, M, K) + b.bytes(batch, K, N) + y.bytes(batch, M, N);
      String shape = batch == 1 ? "" : batch + "x";
      return new Cost(shape + M + "x" + N + "x" + K, 2L * batch * M * N * K, bytes);
    }
  }
}
