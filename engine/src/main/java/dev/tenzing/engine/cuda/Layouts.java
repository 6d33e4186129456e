package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.LayoutKernels;
import dev.tenzing.engine.kernel.Operand;

/** Copies in another order; see layout.cu. */
final class Layouts implements LayoutKernels {
  private final KernelFunction permute;
  private final KernelFunction unfold;
  private final KernelFunction fold;

  Layouts(Launcher launcher) {
    permute = launcher.function("layout", "permute");
    unfold = launcher.function("layout", "unfold");
    fold = launcher.function("layout", "fold");
  }

  @Override
  public void permute(Permute call) {
    Packs.threads(permute, call.elements()).arg(call.x()).arg(call.y()).arg(call.elements());
    padded(call.sizes(), 1);
    padded(call.strides(), 0);
    permute.launch();
  }

  /** Dimensions of one entry come before those that there are. */
  private void padded(long[] values, long absent) {
    for (int i = values.length; i < Permute.DIMENSIONS; i++) {
      permute.arg(absent);
    }
    for (long value : values) {
      permute.arg(value);
    }
  }

  @Override
  public void unfold(Unfold call) {
    Windows w = call.windows();
    long n = (long) w.B() * w.count() * w.C() * w.taps();
    windows(unfold, call.x(), call.y(), n, w).arg(call.fill()).launch();
  }

  @Override
  public void fold(Fold call) {
    Windows w = call.windows();
    long n = (long) w.B() * w.T() * w.C();
    windows(fold, call.dy(), call.dx(), n, w).arg(call.dx().accumulate()).launch();
  }

  private static KernelFunction windows(
      KernelFunction kernel, Operand from, Operand to, long n, Windows w) {
    return Packs.threads(kernel, n)
        .arg(from)
        .arg(to)
        .arg(n)
        .arg(w.T())
        .arg(w.C())
        .arg(w.taps())
        .arg(w.count())
        .arg(w.stride())
        .arg(w.padding())
        .arg(w.dilation());
  }
}
