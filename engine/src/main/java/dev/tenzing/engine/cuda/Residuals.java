package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;

/** Residual branches. The branch and its gradient have the type of activations, all else is F32. */
final class Residuals {
  private static final int THREADS = 256;
  private static final int STRIP = 128;

  private final Launcher launcher;
  private final RowReductions reductions;
  private final KernelFunction forward;
  private final KernelFunction backward;
  private final KernelFunction backwardGamma;

  Residuals(Launcher launcher, DType branch, RowReductions reductions) {
    this.launcher = launcher;
    this.reductions = reductions;
    String suffix = Packs.suffix(branch);
    forward = launcher.function("residual", "residual" + suffix);
    backward = launcher.function("residual", "residual_backward" + suffix);
    backwardGamma = launcher.function("residual", "residual_backward_gamma" + suffix);
  }

  void forward(long x, long branch, long gamma, long sampleScale, long y, int B, int N, int C) {
    long rows = (long) B * N;
    Packs.rows(forward, rows, C)
        .arg(x)
        .arg(branch)
        .arg(gamma)
        .arg(sampleScale)
        .arg(y)
        .arg(rows)
        .arg(N)
        .arg(C)
        .launch();
  }

  void backward(
      long dy,
      long branch,
      long gamma,
      long sampleScale,
      long dbranch,
      long dgamma,
      int B,
      int N,
      int C,
      boolean accumulateGamma) {
    long rows = (long) B * N;
    if (dgamma == 0) {
      Packs.rows(backward, rows, C)
          .arg(dy)
          .arg(gamma)
          .arg(sampleScale)
          .arg(dbranch)
          .arg(rows)
          .arg(N)
          .arg(C)
          .launch();
      return;
    }
    int chunks = RowReductions.chunks(1, rows, C);
    long partial = launcher.scratch(4L * chunks * C);
    backwardGamma
        .grid((long) chunks * Math.ceilDiv(C, STRIP))
        .block(THREADS)
        .arg(dy)
        .arg(branch)
        .arg(gamma)
        .arg(sampleScale)
        .arg(dbranch)
        .arg(partial)
        .arg(rows)
        .arg(N)
        .arg(C)
        .arg(chunks)
        .launch();
    reductions.combine(partial, dgamma, chunks, C, accumulateGamma);
  }
}
