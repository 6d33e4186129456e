package dev.tenzing.engine.cuda;

/** Divergence of softened classes. */
final class Divergences {
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

  void forward(
      long student, long teacher, long loss, int M, int C, float temperature, boolean reverse) {
    long perRow = launcher.scratch((long) Double.BYTES * M);
    forward
        .grid(M)
        .block(THREADS)
        .arg(reverse ? student : teacher)
        .arg(reverse ? teacher : student)
        .arg(perRow)
        .arg(C)
        .arg((double) temperature)
        .launch();
    losses.total(perRow, M, (double) temperature * temperature / M, loss);
  }

  void backward(
      long dloss,
      long student,
      long teacher,
      long dstudent,
      int M,
      int C,
      float temperature,
      boolean reverse,
      boolean accumulate) {
    backward
        .grid(M)
        .block(THREADS)
        .arg(dloss)
        .arg(student)
        .arg(teacher)
        .arg(dstudent)
        .arg(M)
        .arg(C)
        .arg((double) temperature)
        .arg(reverse ? 1 : 0)
        .arg(accumulate ? 1 : 0)
        .launch();
  }
}
