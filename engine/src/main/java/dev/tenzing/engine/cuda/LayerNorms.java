package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;

/** Layer normalisation. y and dy have the type of activations, all else is F32. */
final class LayerNorms {
  private static final int THREADS = 256;
  private static final int WARP = 32;
  private static final int WARPS = THREADS / WARP;
  // Columns that a warp of the backward kernel takes.
  private static final int BACKWARD_COLUMNS = 384;
  // Rows longer than this are no longer kept in registers.
  private static final int LONG = 1536;
  // Blocks of the backward kernel: two on each multiprocessor of an H200, and the same on any GPU,
  // because they cut the sums over rows.
  private static final int BLOCKS = 264;

  private final Launcher launcher;
  private final RowReductions reductions;
  private final long alignment;
  private final KernelFunction[] forward = new KernelFunction[3];
  private final KernelFunction[] forwardWide = new KernelFunction[3];
  private final KernelFunction forwardLong;
  private final KernelFunction backward;
  private final KernelFunction backwardWide;
  private final KernelFunction backwardLong;
  private final KernelFunction backwardColumns;

  LayerNorms(Launcher launcher, DType activations, RowReductions reductions) {
    this.launcher = launcher;
    this.reductions = reductions;
    alignment = 4L * activations.bytes();
    String file = "layer_norm";
    String suffix = Packs.suffix(activations);
    for (int i = 0; i < forward.length; i++) {
      String name = "layer_norm_forward_" + LONG / forward.length * (i + 1);
      forward[i] = launcher.function(file, name + suffix);
      forwardWide[i] = launcher.function(file, name + "_wide" + suffix);
    }
    forwardLong = launcher.function(file, "layer_norm_forward_long" + suffix);
    backward = launcher.function(file, "layer_norm_backward" + suffix);
    backwardWide = launcher.function(file, "layer_norm_backward_wide" + suffix);
    backwardLong = launcher.function(file, "layer_norm_backward_long" + suffix);
    backwardColumns = launcher.function(file, "layer_norm_backward_columns" + suffix);
  }

  void forward(long x, long w, long b, long y, long mean, long rstd, int M, int C, float eps) {
    KernelFunction kernel;
    if (C > LONG) {
      kernel = forwardLong.grid(M);
    } else {
      boolean wide = wide(x | w | b, y, C);
      int size = (C - 1) / (LONG / forward.length);
      kernel = (wide ? forwardWide[size] : forward[size]).grid(Math.ceilDiv(M, WARPS));
    }
    kernel
        .block(THREADS)
        .arg(x)
        .arg(w)
        .arg(b)
        .arg(y)
        .arg(mean)
        .arg(rstd)
        .arg(M)
        .arg(C)
        .arg(eps)
        .launch();
  }

  void backward(
      long dy,
      long x,
      long w,
      long mean,
      long rstd,
      long dx,
      long dw,
      long db,
      int M,
      int C,
      boolean accumulateX,
      boolean accumulateW) {
    int warps = Math.ceilDiv(C, BACKWARD_COLUMNS);
    int groups = Math.max(1, WARPS / warps);
    int blocks = Math.max(1, Math.min(BLOCKS, M / (2 * groups)));
    long partial = launcher.scratch(8L * blocks * C);
    if (warps > WARPS) {
      backwardLong
          .grid(M)
          .block(THREADS)
          .arg(dy)
          .arg(x)
          .arg(w)
          .arg(mean)
          .arg(rstd)
          .arg(dx)
          .arg(C)
          .arg(accumulateX ? 1 : 0)
          .launch();
      backwardColumns
          .grid(Math.ceilDiv(C, THREADS), blocks)
          .block(THREADS)
          .arg(dy)
          .arg(x)
          .arg(mean)
          .arg(rstd)
          .arg(partial)
          .arg(M)
          .arg(C)
          .launch();
    } else {
      (wide(x | w | dx, dy, C) ? backwardWide : backward)
          .grid(blocks)
          .block(groups * warps * WARP)
          .arg(dy)
          .arg(x)
          .arg(w)
          .arg(mean)
          .arg(rstd)
          .arg(dx)
          .arg(partial)
          .arg(M)
          .arg(C)
          .arg(warps)
          .arg(accumulateX ? 1 : 0)
          .launch();
    }
    reductions.combine(partial, dw, blocks, C, accumulateW);
    reductions.combine(partial + 4L * blocks * C, db, blocks, C, accumulateW);
  }

  /** Whether rows of C begin with packs of 4 in F32 arrays, as one or-ed address, and one other. */
  private boolean wide(long floats, long activations, int C) {
    return C % 4 == 0 && floats % 16 == 0 && activations % alignment == 0;
  }
}
