package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.ReductionKernels;

/** Sums and means over rows, and the gradient of the mean. x may be BF16, all else is F32. */
final class RowReductions implements ReductionKernels {
  private static final int THREADS = 512;
  private static final int STRIP = 128;
  // Blocks that an H200 runs at a time: chunks are cut so that there are about as many on any GPU.
  private static final int BLOCKS = 528;
  // With fewer rows a chunk is hardly more than its start and its end.
  private static final int ROWS = 64;

  private final Launcher launcher;
  private final Typed<KernelFunction> sum;
  private final KernelFunction meanBackward;

  RowReductions(Launcher launcher) {
    this.launcher = launcher;
    sum = Typed.function(launcher, "row_reductions", "sum_rows");
    meanBackward = launcher.function("row_reductions", "mean_tokens_backward");
  }

  @Override
  public void sumRows(SumRows call) {
    sumRows(call, launcher.scratch(partialBytes(1, call.M(), call.C())));
  }

  /** The same for a caller whose scratch has {@link #partialBytes} left at {@code partial}. */
  void sumRows(SumRows call, long partial) {
    reduce(call.x(), call.y(), 1, call.M(), call.C(), 1, partial);
  }

  @Override
  public void meanTokens(MeanTokens call) {
    int B = call.B();
    int N = call.N();
    int C = call.C();
    reduce(call.x(), call.y(), B, N, C, N, launcher.scratch(partialBytes(B, N, C)));
  }

  @Override
  public void meanTokensBackward(MeanTokensBackward call) {
    int N = call.N();
    int C = call.C();
    long rows = (long) call.B() * N;
    Packs.rows(meanBackward, rows, C)
        .arg(call.dy())
        .arg(call.dx())
        .arg(rows)
        .arg(N)
        .arg(C)
        .arg(call.dx().accumulate())
        .launch();
  }

  /** {@code y[C] (+)=} the sum of the few rows of partial[rows, C] that another kernel left. */
  void combine(long partial, Operand y, int rows, int C) {
    launch(Operand.f32(partial), y, 1, rows, C, 1, 1);
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

  private void reduce(Operand x, Operand y, int B, int M, int C, float divisor, long partial) {
    int chunks = chunks(B, M, C);
    if (chunks == 1) {
      launch(x, y, B, M, C, 1, divisor);
    } else {
      Operand sums = Operand.f32(partial);
      launch(x, sums, B, M, C, chunks, 1);
      launch(sums, y, B, chunks, C, 1, divisor);
    }
  }

  private void launch(Operand x, Operand y, int B, int M, int C, int chunks, float divisor) {
    sum.of(x)
        .grid((long) B * chunks * Math.ceilDiv(C, STRIP))
        .block(THREADS)
        .arg(x)
        .arg(y)
        .arg(M)
        .arg(C)
        .arg(chunks)
        .arg(divisor)
        .arg(y.accumulate())
        .launch();
  }
}
