package dev.tenzing.engine.cuda;

/** Squared error and soft-target cross entropy, summed in double precision in a fixed order. */
final class Losses {
  private static final int PIECE = 4096; // elements of a row that a warp takes, as in losses.cu
  private static final int WARPS = 8; // of a block
  private static final int CLASS_THREADS = 256;
  private static final int TOTAL_THREADS = 1024;

  private final Launcher launcher;
  private final KernelFunction squaredError;
  private final KernelFunction squaredErrorBackward;
  private final KernelFunction crossEntropy;
  private final KernelFunction crossEntropyBackward;
  private final KernelFunction total;

  Losses(Launcher launcher) {
    this.launcher = launcher;
    squaredError = launcher.function("losses", "squared_error");
    squaredErrorBackward = launcher.function("losses", "squared_error_backward");
    crossEntropy = launcher.function("losses", "soft_target_cross_entropy");
    crossEntropyBackward = launcher.function("losses", "soft_target_cross_entropy_backward");
    total = launcher.function("losses", "total_loss");
  }

  private static long pieces(int M, int C) {
    return (long) M * Math.ceilDiv(C, PIECE);
  }

  /** {@code loss = scale * sum of n partial sums} in double precision. */
  void total(long partials, long n, double scale, long loss) {
    total.grid(1).block(TOTAL_THREADS).arg(partials).arg(n).arg(scale).arg(loss).launch();
  }

  void squaredError(long x, long target, long weight, long loss, int M, int C, double scale) {
    long blocks = Math.ceilDiv(pieces(M, C), WARPS);
    long partials = launcher.scratch(Double.BYTES * blocks);
    squaredError
        .grid(blocks)
        .block(32 * WARPS)
        .arg(x)
        .arg(target)
        .arg(weight)
        .arg(partials)
        .arg(pieces(M, C))
        .arg(C)
        .launch();
    total(partials, blocks, scale, loss);
  }

  void squaredErrorBackward(
      long dloss,
      long x,
      long target,
      long weight,
      long dx,
      int M,
      int C,
      double scale,
      boolean accumulate) {
    squaredErrorBackward
        .grid(Math.ceilDiv(pieces(M, C), WARPS))
        .block(32 * WARPS)
        .arg(dloss)
        .arg(x)
        .arg(target)
        .arg(weight)
        .arg(dx)
        .arg(pieces(M, C))
        .arg(C)
        .arg(scale)
        .arg(accumulate ? 1 : 0)
        .launch();
  }

  void crossEntropy(long logits, long target, long logProbability, long loss, int M, int C) {
    long perRow = launcher.scratch((long) Double.BYTES * M);
    crossEntropy
        .grid(M)
        .block(CLASS_THREADS)
        .arg(logits)
        .arg(target)
        .arg(logProbability)
        .arg(perRow)
        .arg(C)
        .launch();
    total(perRow, M, 1.0 / M, loss);
  }

  void crossEntropyBackward(
      long dloss,
      long logProbability,
      long target,
      long dlogits,
      int M,
      int C,
      boolean accumulate) {
    crossEntropyBackward
        .grid(M)
        .block(CLASS_THREADS)
        .arg(dloss)
        .arg(logProbability)
        .arg(target)
        .arg(dlogits)
        .arg(M)
        .arg(C)
        .arg(accumulate ? 1 : 0)
        .launch();
  }
}
