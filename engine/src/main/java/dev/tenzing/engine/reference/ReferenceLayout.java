package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;
import static dev.tenzing.engine.host.Native.i32;

import dev.tenzing.engine.kernel.LayoutKernels;

/** Copies in another order in plain loops. */
final class ReferenceLayout implements LayoutKernels {
  @Override
  public void permute(Permute call) {
    long[] sizes = call.sizes();
    for (long i = 0; i < call.elements(); i++) {
      long from = 0;
      long rest = i;
      for (int d = sizes.length - 1; d >= 0; d--) {
        from += rest % sizes[d] * call.strides()[d];
        rest /= sizes[d];
      }
      i32(call.y().address() + 4 * i, i32(call.x().address() + 4 * from));
    }
  }

  @Override
  public void unfold(Unfold call) {
    Windows w = call.windows();
    long to = call.y().address();
    for (int b = 0; b < w.B(); b++) {
      for (int window = 0; window < w.count(); window++) {
        for (int c = 0; c < w.C(); c++) {
          for (int tap = 0; tap < w.taps(); tap++) {
            int t = w.entry(window, tap);
            long from = call.x().address() + 4 * (((long) b * w.T() + t) * w.C() + c);
            f32(to, t < 0 || t >= w.T() ? call.fill() : f32(from));
            to += 4;
          }
        }
      }
    }
  }

  @Override
  public void fold(Fold call) {
    Windows w = call.windows();
    for (int b = 0; b < w.B(); b++) {
      double[] sums = new double[w.T() * w.C()];
      for (int window = 0; window < w.count(); window++) {
        for (int c = 0; c < w.C(); c++) {
          for (int tap = 0; tap < w.taps(); tap++) {
            int t = w.entry(window, tap);
            if (t >= 0 && t < w.T()) {
              long at = (((long) b * w.count() + window) * w.C() + c) * w.taps() + tap;
              sums[t * w.C() + c] += f32(call.dy().address() + 4 * at);
            }
          }
        }
      }
      for (int i = 0; i < sums.length; i++) {
        long to = call.dx().address() + 4 * ((long) b * sums.length + i);
        f32(to, (float) (call.dx().accumulate() ? f32(to) + sums[i] : sums[i]));
      }
    }
  }
}
