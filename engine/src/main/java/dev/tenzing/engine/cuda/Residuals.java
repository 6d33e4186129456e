package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.ResidualKernels;

/** Residual branches. The branch and its gradient have the type of activations, all else is F32. */
final class Residuals implements ResidualKernels {
  private static final int THREADS = 256;
  private static final int STRIP = 128;

  private final Launcher launcher;
  private final RowReductions reductions;
  private final Typed<KernelFunction> forward;
  private final Typed<KernelFunction> backward;
  private final Typed<KernelFunction> backwardGamma;

  Residuals(Launcher launcher, RowReductions reductions) {
    this.launcher = launcher;
    this.reductions = reductions;
    forward = Typed.function(launcher, "residual", "residual");
    backward = Typed.function(launcher, "residual", "residual_backward");
    backwardGamma = Typed.function(launcher, "residual", "residual_backward_gamma");
  }

  @Override
  public void forward(Residual call) {
    int N = call.N();
    int C = call.C();
    long rows = (long) call.B() * N;
    Packs.rows(forward.of(call.branch()), rows, C)
        .arg(call.x())
        .arg(call.branch())
        .arg(call.gamma())
        .arg(call.sampleScale())
        .arg(call.y())
        .arg(rows)
        .arg(N)
        .arg(C)
        .launch();
  }

  @Override
  public void backward(ResidualBackward call) {
    int N = call.N();
    int C = call.C();
    long rows = (long) call.B() * N;
    if (!call.dgamma().present()) {
      Packs.rows(backward.of(call.dbranch()), rows, C)
          .arg(call.dy())
          .arg(call.gamma())
          .arg(call.sampleScale())
          .arg(call.dbranch())
          .arg(rows)
          .arg(N)
          .arg(C)
          .launch();
      return;
    }
    int chunks = RowReductions.chunks(1, rows, C);
    long partial = launcher.scratch(4L * chunks * C);
    backwardGamma
        .of(call.dbranch())
        .grid((long) chunks * Math.ceilDiv(C, STRIP))
        .block(THREADS)
        .arg(call.dy())
        .arg(call.branch())
        .arg(call.gamma())
        .arg(call.sampleScale())
        .arg(call.dbranch())
        .arg(partial)
        .arg(rows)
        .arg(N)
        .arg(C)
        .arg(chunks)
        .launch();
    reductions.combine(partial, call.dgamma(), chunks, C);
  }
}
