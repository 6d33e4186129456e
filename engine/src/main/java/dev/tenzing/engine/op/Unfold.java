package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.LayoutKernels;
import dev.tenzing.engine.kernel.LayoutKernels.Windows;

/** What windows along a sequence see, from which convolutions and pooling are made. */
public final class Unfold {
  private Unfold() {}

  /**
   * Copies what is under each window.
   *
   * @param x [B, T, C]
   * @param taps entries of a window
   * @param stride entries from one window to the next
   * @param padding entries before and after the sequence
   * @param dilation entries from one tap of a window to the next
   * @param fill what is in the padding
   * @return [B, (T + 2 padding - dilation (taps - 1) - 1) / stride + 1, C, taps]
   */
  public static Tensor apply(
      Tensor x, int taps, int stride, int padding, int dilation, float fill) {
    Device device = x.device();
    Expect.dtype("unfold", "x", x, DType.F32);
    Expect.shape("unfold", "x", x, -1, -1, -1);
    Expect.that(
        taps > 0 && stride > 0 && padding >= 0 && dilation > 0,
        "unfold: taps %s, stride %s and dilation %s must be positive, padding %s not negative",
        taps,
        stride,
        dilation,
        padding);
    Expect.that(
        x.dim(1) + 2L * padding > (long) dilation * (taps - 1),
        "unfold: windows of %s taps, %s apart, are longer than %s with a padding of %s",
        taps,
        dilation,
        x,
        padding);
    Windows windows =
        new Windows(
            Expect.size("unfold", x.dim(0)),
            Expect.size("unfold", x.dim(1)),
            Expect.size("unfold", x.dim(2)),
            taps,
            stride,
            padding,
            dilation);
    Tensor y = device.empty(DType.F32, Shape.of(x.dim(0), windows.count(), x.dim(2), taps));
    device.kernels().layout().unfold(new LayoutKernels.Unfold(of(x), of(y), windows, fill));
    device.record(
        "unfold",
        y,
        (gradients, dy) -> {
          Gradients.Slot dx = gradients.slot(x);
          device.kernels().layout().fold(new LayoutKernels.Fold(of(dy), of(dx), windows));
        },
        x);
    return y;
  }
}
