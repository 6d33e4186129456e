package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;

/** Queries and keys of cosine attention. x, y and their gradients have the type of activations. */
final class CosineHeads {
  private static final int WARP = 32;
  private static final int COLUMNS = 4;

  private final Launcher launcher;
  private final RowReductions reductions;
  private final KernelFunction forward;
  private final KernelFunction backward;

  /**
   * The kernels of a type.
   *
   * @param reductions sums of F32 rows
   */
  CosineHeads(Launcher launcher, DType activations, RowReductions reductions) {
    this.launcher = launcher;
    this.reductions = reductions;
    String suffix = Packs.suffix(activations);
    forward = launcher.function("cosine_heads", "cosine_heads_forward" + suffix);
    backward = launcher.function("cosine_heads", "cosine_heads_backward" + suffix);
  }

  void forward(long x, long scale, long y, int M, int H, int D, float maxScale) {
    long rows = 3L * M * H;
    int group = group(D);
    Packs.threads(forward, rows * group)
        .arg(x)
        .arg(scale)
        .arg(y)
        .arg(rows)
        .arg(H)
        .arg(D)
        .arg(maxScale)
        .arg(group)
        .launch();
  }

  void backward(
      long x,
      long scale,
      long dy,
      long dx,
      long dscale,
      int M,
      int H,
      int D,
      float maxScale,
      boolean accumulateScale) {
    long rows = 3L * M * H;
    int group = group(D);
    long bytes = 4L * M * H;
    long shares = dscale == 0 ? 0 : launcher.scratch(bytes + RowReductions.partialBytes(1, M, H));
    Packs.threads(backward, rows * group)
        .arg(x)
        .arg(scale)
        .arg(dy)
        .arg(dx)
        .arg(shares)
        .arg(rows)
        .arg(H)
        .arg(D)
        .arg(maxScale)
        .arg(group)
        .launch();
    if (dscale != 0) {
      reductions.sumRows(shares, dscale, M, H, accumulateScale, shares + bytes);
    }
  }

  /** Lanes that share a row of D: a power of 2 that its packs keep busy, at most a warp. */
  private static int group(int D) {
    int group = 1;
    while (group < WARP && group * COLUMNS < D) {
      group *= 2;
    }
    return group;
  }
}
