package dev.tenzing.engine.cuda;

/**
 * The linear layer's products. GELU is a kernel of its own: cuBLASLt's epilogue computes the tanh
 * form, and the models are trained with the erf form.
 */
final class Linear {
  private final Matmul matmul;
  private final CudaMemory memory;

  Linear(Matmul matmul, CudaMemory memory) {
    this.matmul = matmul;
    this.memory = memory;
  }

  void forward(long x, long w, long bias, long residual, long y, int M, int N, int K) {
    matmul.multiply(x, false, w, true, bias, residual, y, M, N, K);
  }

  void gelu(long x, long w, long bias, long pre, long y, int M, int N, int K) {
    throw new UnsupportedOperationException("linearGelu");
  }

  void backwardInput(long dy, long w, long dx, int M, int N, int K, boolean accumulate) {
    matmul.multiply(dy, false, w, false, 0, accumulate ? dx : 0, dx, M, K, N);
  }

  void backwardWeight(
      long dy, long x, long dw, long dbias, int M, int N, int K, boolean accumulate) {
    matmul.multiply(dy, true, x, false, 0, accumulate ? dw : 0, dw, N, K, M);
  }
}
