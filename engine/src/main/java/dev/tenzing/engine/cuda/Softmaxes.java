package dev.tenzing.engine.cuda;

/** Softmax of rows: a warp a row. */
final class Softmaxes {
  private static final int THREADS = 256;
  private static final int ROWS = THREADS / 32;

  private final KernelFunction softmax;

  Softmaxes(Launcher launcher) {
    softmax = launcher.function("softmax", "softmax_f32");
  }

  void softmax(long x, long y, int M, int C) {
    softmax.grid(Math.ceilDiv(M, ROWS)).block(THREADS).arg(x).arg(y).arg(M).arg(C).launch();
  }
}
