package dev.tenzing.engine.op;

import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.ReduceFunction;

/** Pooling along a sequence, with channels last. */
public final class Pool1d {
  private Pool1d() {}

  /**
   * Pools each window of each channel.
   *
   * @param f MAX, where padding never is the largest, or SUM or MEAN, where it is zeros that count
   * @param x [B, T, C]
   * @param taps entries of a window
   * @param stride entries from one window to the next
   * @param padding entries before and after the sequence
   * @return [B, (T + 2 padding - taps) / stride + 1, C]
   */
  public static Tensor apply(ReduceFunction f, Tensor x, int taps, int stride, int padding) {
    Expect.that(
        f != ReduceFunction.MAX || padding < taps,
        "pool1d: with a padding of %s a window of %s would see nothing else",
        padding,
        taps);
    float fill = f == ReduceFunction.MAX ? Float.NEGATIVE_INFINITY : 0;
    Tensor windows = Unfold.apply(x, taps, stride, padding, 1, fill);
    return Intermediates.closed(Reduce.apply(f, windows, -1), windows);
  }
}
