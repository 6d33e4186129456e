package dev.tenzing.engine.kernel;

/** Copies in another order. */
public interface LayoutKernels {
  /** See {@link Permute}. */
  void permute(Permute call);

  /** See {@link Unfold}. */
  void unfold(Unfold call);

  /** See {@link Fold}. */
  void fold(Fold call);

  /**
   * {@code y} is {@code x} with its dimensions in another order, for elements of 4 bytes.
   *
   * @param sizes of the dimensions of y, at most {@link #DIMENSIONS}
   * @param strides elements of x from one entry of each of them to the next
   */
  record Permute(Operand x, Operand y, long[] sizes, long[] strides) implements KernelCall {
    /** The most dimensions that a kernel takes. */
    public static final int DIMENSIONS = 6;

    /** Number of elements. */
    public long elements() {
      long elements = 1;
      for (long size : sizes) {
        elements *= size;
      }
      return elements;
    }

    @Override
    public Cost cost() {
      return Cost.moving(x.bytes(elements()) + y.bytes(elements()));
    }
  }

  /**
   * Windows of {@code taps} entries, {@code dilation} apart, over T entries with {@code padding}
   * more on either side; they begin {@code stride} entries apart.
   */
  record Windows(int B, int T, int C, int taps, int stride, int padding, int dilation) {
    /** How many there are. */
    public int count() {
      return (T + 2 * padding - dilation * (taps - 1) - 1) / stride + 1;
    }

    /** The entry under a tap of a window; outside 0..T-1 it is padding. */
    public int entry(int window, int tap) {
      return window * stride + tap * dilation - padding;
    }
  }

  /** {@code y[B,count,C,taps]} from x[B,T,C]: what is under each window, else {@code fill}. */
  record Unfold(Operand x, Operand y, Windows windows, float fill) implements KernelCall {
    @Override
    public Cost cost() {
      long values = (long) windows.B * windows.count() * windows.C * windows.taps;
      return Cost.moving(x.bytes(windows.B, windows.T, windows.C) + y.bytes(values));
    }
  }

  /** Gradient dx[B,T,C] (+)= of {@link Unfold}: the sum over all windows that see an entry. */
  record Fold(Operand dy, Operand dx, Windows windows) implements KernelCall {
    @Override
    public Cost cost() {
      long values = (long) windows.B * windows.count() * windows.C * windows.taps;
      return Cost.moving(dy.bytes(values) + dx.bytes(windows.B, windows.T, windows.C));
    }
  }
}
