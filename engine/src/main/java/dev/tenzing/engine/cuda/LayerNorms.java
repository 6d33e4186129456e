package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.LayerNormKernels;

/** Layer normalisation. y and dy have the type of activations, all else is F32. */
final class LayerNorms implements LayerNormKernels {
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
  private final Typed<Functions> functions;

  LayerNorms(Launcher launcher, RowReductions reductions) {
    this.launcher = launcher;
    this.reductions = reductions;
    functions = Typed.of(type -> new Functions(launcher, type));
  }

  /** The kernels for a type of activations. */
  private static final class Functions {
    private final long alignment;
    private final KernelFunction[] forward = new KernelFunction[3];
    private final KernelFunction[] forwardWide = new KernelFunction[3];
    private final KernelFunction forwardLong;
    private final KernelFunction backward;
    private final KernelFunction backwardWide;
    private final KernelFunction backwardLong;
    private final KernelFunction backwardColumns;

    Functions(Launcher launcher, DType activations) {
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

    KernelFunction forward(LayerNorm call) {
      int C = call.C();
      if (C > LONG) {
        return forwardLong.grid(call.M());
      }
      long floats = call.x().address() | call.w().address() | call.b().address();
      boolean wide = wide(floats, call.y().address(), C);
      int size = (C - 1) / (LONG / forward.length);
      return (wide ? forwardWide[size] : forward[size]).grid(Math.ceilDiv(call.M(), WARPS));
    }

    KernelFunction backward(LayerNormBackward call) {
      long floats = call.x().address() | call.w().address() | call.dx().address();
      return wide(floats, call.dy().address(), call.C()) ? backwardWide : backward;
    }

    /**
     * Whether rows of C begin with packs of 4 in F32 arrays, as one or-ed address, and one other.
     */
    private boolean wide(long floats, long activations, int C) {
      return C % 4 == 0 && floats % 16 == 0 && activations % alignment == 0;
    }
  }

  @Override
  public void forward(LayerNorm call) {
    functions
        .of(call.y())
        .forward(call)
        .block(THREADS)
        .arg(call.x())
        .arg(call.w())
        .arg(call.b())
        .arg(call.y())
        .arg(call.mean())
        .arg(call.rstd())
        .arg(call.M())
        .arg(call.C())
        .arg(call.eps())
        .launch();
  }

  @Override
  public void backward(LayerNormBackward call) {
    Functions kernels = functions.of(call.dy());
    int M = call.M();
    int C = call.C();
    int warps = Math.ceilDiv(C, BACKWARD_COLUMNS);
    int groups = Math.max(1, WARPS / warps);
    int blocks = Math.max(1, Math.min(BLOCKS, M / (2 * groups)));
    long partial = launcher.scratch(8L * blocks * C);
    if (warps > WARPS) {
      kernels
          .backwardLong
          .grid(M)
          .block(THREADS)
          .arg(call.dy())
          .arg(call.x())
          .arg(call.w())
          .arg(call.mean())
          .arg(call.rstd())
          .arg(call.dx())
          .arg(C)
          .arg(call.dx().accumulate())
          .launch();
      kernels
          .backwardColumns
          .grid(Math.ceilDiv(C, THREADS), blocks)
          .block(THREADS)
          .arg(call.dy())
          .arg(call.x())
          .arg(call.mean())
          .arg(call.rstd())
          .arg(partial)
          .arg(M)
          .arg(C)
          .launch();
    } else {
      kernels
          .backward(call)
          .grid(blocks)
          .block(groups * warps * WARP)
          .arg(call.dy())
          .arg(call.x())
          .arg(call.w())
          .arg(call.mean())
          .arg(call.rstd())
          .arg(call.dx())
          .arg(partial)
          .arg(M)
          .arg(C)
          .arg(warps)
          .arg(call.dx().accumulate())
          .launch();
    }
    reductions.combine(partial, call.dw(), blocks, C);
    reductions.combine(partial + 4L * blocks * C, call.db(), blocks, C);
  }
}
