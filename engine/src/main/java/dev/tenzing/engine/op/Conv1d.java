package dev.tenzing.engine.op;

import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.BinaryFunction;
import dev.tenzing.engine.kernel.ReduceFunction;

/**
 * Convolution along a sequence, with channels last and zeros around it. Windows are copied out, so
 * it takes memory for as many sequences as the kernel has taps.
 */
public final class Conv1d {
  private Conv1d() {}

  /**
   * Convolves; every output channel sees all input channels, or each its own.
   *
   * @param x [B, T, C]
   * @param weight [N, C, taps] as PyTorch has it, or [C, taps] for a depth-wise convolution
   * @param bias [N], or [C], or null
   * @param stride entries from one output to the next
   * @param padding zeros before and after the sequence
   * @param dilation entries from one tap to the next
   * @return [B, (T + 2 padding - dilation (taps - 1) - 1) / stride + 1, N or C]
   */
  public static Tensor apply(
      Tensor x, Tensor weight, Tensor bias, int stride, int padding, int dilation) {
    Expect.sameDevice("conv1d", x, weight, bias);
    Expect.shape("conv1d", "x", x, -1, -1, -1);
    boolean dense = weight.shape().rank() == 3;
    Expect.that(
        (dense || weight.shape().rank() == 2) && weight.dim(-2) == x.dim(2),
        "conv1d: weight %s does not fit the channels of x %s",
        weight,
        x);
    Expect.shape("conv1d", "bias", bias, weight.dim(0));
    int taps = Expect.size("conv1d", weight.dim(-1));
    Tensor windows = Unfold.apply(x, taps, stride, padding, dilation, 0);
    return dense ? dense(windows, weight, bias) : depthwise(windows, weight, bias);
  }

  private static Tensor dense(Tensor windows, Tensor weight, Tensor bias) {
    long inner = weight.dim(1) * weight.dim(2);
    Tensor rows = windows.reshape(windows.dim(0), windows.dim(1), inner);
    Tensor matrix = weight.reshape(weight.dim(0), inner);
    Tensor y = Linear.apply(rows, matrix, bias);
    return Intermediates.closed(y, rows, matrix, windows);
  }

  private static Tensor depthwise(Tensor windows, Tensor weight, Tensor bias) {
    Tensor products = Binary.apply(BinaryFunction.MUL, windows, weight);
    Tensor sums = Reduce.apply(ReduceFunction.SUM, products, -1);
    if (bias == null) {
      return Intermediates.closed(sums, products, windows);
    }
    Tensor y = Binary.apply(BinaryFunction.ADD, sums, bias);
    return Intermediates.closed(y, sums, products, windows);
  }

  /** Multiply-adds of the forward, for one input channel or all of them. */
  public static long macs(long b, long outputs, long n, long inputs, long taps) {
    return b * outputs * n * inputs * taps;
  }
}
