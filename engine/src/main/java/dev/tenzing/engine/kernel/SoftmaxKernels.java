package dev.tenzing.engine.kernel;

/** Softmax of rows. */
public interface SoftmaxKernels {
  /** See {@link Softmax}. */
  void forward(Softmax call);

  /** Softmax y[M,C] of each row of x[M,C]. */
  record Softmax(Operand x, Operand y, int M, int C) implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(M, C) + y.bytes(M, C));
    }
  }
}
