package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.DivergenceKernels;

/** Divergence of softened classes. */
final class Divergences implements DivergenceKernels {
  private static final int THREADS = 256; // as in divergence.cu

  private final Launcher launcher;
  private final Losses losses;
  private final KernelFunction forward;
  private final KernelFunction backward;

  /**
   * Takes its kernels.
   *
   * @param losses adds up rows
   */
  Divergences(Launcher launcher, Losses losses) {
    this.launcher = launcher;
    this.losses = losses;
    forward = launcher.function("divergence", "kl_divergence");
    backward = launcher.function("divergence", "kl_divergence_backward");
  }

  @Override
  public void forward(KlDivergence call) {
    long student = call.student().address();
    long teacher = call.teacher().address();
    int M = call.M();
    float temperature = call.temperature();
    boolean reverse = call.reverse();
    long perRow = launcher.scratch((long) Double.BYTES * M);
    forward
        .grid(M)
        .block(THREADS)
        .arg(reverse ? student : teacher)
        .arg(reverse ? teacher : student)
        .arg(perRow)
        .arg(call.C())
        .arg((double) temperature)
        .launch();
    losses.total(perRow, M, (double) temperature * temperature / M, call.loss().address());
  }

  @Override
  public void backward(KlDivergenceBackward call) {
    int M = call.M();
    backward
        .grid(M)
        .block(THREADS)
        .arg(call.dloss())
        .arg(call.student())
        .arg(call.teacher())
        .arg(call.dstudent())
        .arg(M)
        .arg(call.C())
        .arg((double) call.temperature())
        .arg(call.reverse())
        .arg(call.dstudent().accumulate())
        .launch();
  }
}
