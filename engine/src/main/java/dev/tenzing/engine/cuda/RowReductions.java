package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;

/** Sums and means over rows, and the gradient of the mean. x may be BF16, all else is F32. */
final class RowReductions {
  private static final int THREADS = 512;
  private static final int STRIP = 128;
  // Blocks that an H200 runs at a time: chunks are cut so that there are about as many on any GPU.
  private static final int BLOCKS = 528;
  // With fewer rows a chunk is hardly more than its start and its end.
  private static final int ROWS = 64;

  private final Launcher launcher;
  private final KernelFunction sum;
  private final KernelFunction combine;
  private final KernelFunction meanBackward;

  RowReductions(Launcher launcher, DType x) {
    this.launcher = launcher;
    sum = launcher.function("row_reductions", "sum_rows" + Packs.suffix(x));
    combine = launcher.function("row_reductions", "sum_rows_f32");
    meanBackward = launcher.function("row_reductions", "mean_tokens_backward");
  }

  void sumRows(long x, long y, int M, int C, boolean accumulate) {
    sumRows(x, y, M, C, accumulate, launcher.scratch(partialBytes(1, M, C)));
  }

  /** The same for a caller whose scratch has {@link #partialBytes} left at {@code partial}. */
  void sumRows(long x, long y, int M, int C, boolean accumulate, long partial) {
    reduce(x, y, 1, M, C, 1, accumulate, partial);
  }

  void meanTokens(long x, long y, int B, int N, int C) {
    reduce(x, y, B, N, C, N, false, launcher.scratch(partialBytes(B, N, C)));
  }

  void meanTokensBackward(long dy, long dx, int B, int N, int C, boolean accumulate) {
    long rows = (long) B * N;
    Packs.rows(meanBackward, rows, C)
        .arg(dy)
        .arg(dx)
        .arg(rows)
        .arg(N)
        .arg(C)
        .arg(accumulate ? 1 : 0)
        .launch();
  }

  /** {@code y[C] (+)=} the sum of the few rows of partial[rows, C] that another kernel left. */
  void combine(long partial, long y, int rows, int C, boolean accumulate) {
    launch(combine, partial, y, 1, rows, C, 1, 1, accumulate);
  }

  /** Scratch for the sums over M rows of C in each of B segments. */
  static long partialBytes(int B, int M, int C) {
    return 4L * B * chunks(B, M, C) * C;
  }

  /** Into how many chunks M rows of C in each of B segments are cut. */
  static int chunks(int B, long M, int C) {
    long wanted = Math.ceilDiv((long) BLOCKS, (long) B * Math.ceilDiv(C, STRIP));
    return (int) Math.max(1, Math.min(wanted, Math.ceilDiv(M, ROWS)));
  }

  private void reduce(
      long x, long y, int B, int M, int C, float divisor, boolean accumulate, long partial) {
    int chunks = chunks(B, M, C);
    if (chunks == 1) {
      launch(sum, x, y, B, M, C, 1, divisor, accumulate);
    } else {
      launch(sum, x, partial, B, M, C, chunks, 1, false);
      launch(combine, partial, y, B, chunks, C, 1, divisor, accumulate);
    }
  }

  private static void launch(
      KernelFunction kernel,
      long x,
      long y,
      int B,
      int M,
      int C,
      int chunks,
      float divisor,
      boolean accumulate) {
    kernel
        .grid((long) B * chunks * Math.ceilDiv(C, STRIP))
        .block(THREADS)
        .arg(x)
        .arg(y)
        .arg(M)
        .arg(C)
        .arg(chunks)
        .arg(divisor)
        .arg(accumulate ? 1 : 0)
        .launch();
  }
}
