package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.LossKernels;

/** Squared error and soft-target cross entropy, summed in double precision in a fixed order. */
final class Losses implements LossKernels {
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

  @Override
  public void squaredError(SquaredError call) {
    int M = call.M();
    int C = call.C();
    long blocks = Math.ceilDiv(pieces(M, C), WARPS);
    long partials = launcher.scratch(Double.BYTES * blocks);
    squaredError
        .grid(blocks)
        .block(32 * WARPS)
        .arg(call.x())
        .arg(call.target())
        .arg(call.weight())
        .arg(partials)
        .arg(pieces(M, C))
        .arg(C)
        .launch();
    total(partials, blocks, call.scale(), call.loss().address());
  }

  @Override
  public void squaredErrorBackward(SquaredErrorBackward call) {
    int M = call.M();
    int C = call.C();
    squaredErrorBackward
        .grid(Math.ceilDiv(pieces(M, C), WARPS))
        .block(32 * WARPS)
        .arg(call.dloss())
        .arg(call.x())
        .arg(call.target())
        .arg(call.weight())
        .arg(call.dx())
        .arg(pieces(M, C))
        .arg(C)
        .arg(call.scale())
        .arg(call.dx().accumulate())
        .launch();
  }

  @Override
  public void crossEntropy(SoftTargetCrossEntropy call) {
    int M = call.M();
    long perRow = launcher.scratch((long) Double.BYTES * M);
    crossEntropy
        .grid(M)
        .block(CLASS_THREADS)
        .arg(call.logits())
        .arg(call.target())
        .arg(call.logProbability())
        .arg(perRow)
        .arg(call.C())
        .launch();
    total(perRow, M, 1.0 / M, call.loss().address());
  }

  @Override
  public void crossEntropyBackward(SoftTargetCrossEntropyBackward call) {
    int M = call.M();
    crossEntropyBackward
        .grid(M)
        .block(CLASS_THREADS)
        .arg(call.dloss())
        .arg(call.logProbability())
        .arg(call.target())
        .arg(call.dlogits())
        .arg(M)
        .arg(call.C())
        .arg(call.dlogits().accumulate())
        .launch();
  }
}
