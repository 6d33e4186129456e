package dev.tenzing.engine.kernel;

/** Softmax of rows. */
public interface SoftmaxKernels {
  /** See {@link Softmax}. */
  void forward(Softmax call);

  /** See {@link SoftmaxBackward}. */
  void backward(SoftmaxBackward call);

  /** Softmax y[M,C] of each row of x[M,C]. */
  record Softmax(Operand x, Operand y, int M, int C) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(M, C) + y.bytes(M, C));
    }
  }

  /** Gradient dx[M,C] (+)= of {@link Softmax}: {@code y (dy - sum of dy y)}. */
  record SoftmaxBackward(Operand y, Operand dy, Operand dx, int M, int C) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(y.bytes(M, C) + dy.bytes(M, C) + dx.bytes(M, C));
    }
  }
}
