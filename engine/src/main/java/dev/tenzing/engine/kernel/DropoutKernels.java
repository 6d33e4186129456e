package dev.tenzing.engine.kernel;

/** Dropout of elements. */
public interface DropoutKernels {
  /** See {@link Dropout}. */
  void forward(Dropout call);

  /**
   * Dropout of x[B,n]: element i of sample b is 0 when draw i of the stream (key, step, first + b)
   * of {@link dev.tenzing.engine.Rng} is below the rate, else {@code x / (1 - rate)}; y may be x.
   */
  record Dropout(Operand x, Operand y, int B, int n, float rate, long key, long step, int first)
      implements KernelCall {
    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(B, n) + y.bytes(B, n));
    }
  }
}
