package dev.tenzing.engine.cpu.rows;

import static dev.tenzing.engine.cpu.vector.Lanes.load;
import static dev.tenzing.engine.cpu.vector.Lanes.store;
import static dev.tenzing.engine.cpu.vector.Lanes.tail;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.RowChunks;
import dev.tenzing.engine.cpu.vector.Rows;
import dev.tenzing.engine.cpu.vector.VectorSpec;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.kernel.ReductionKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Sums and means over the rows of arrays, and the gradient of the mean. */
public final class RowReductions implements ReductionKernels {
  private static final int LANES = VectorSpec.F.length();

  private final WorkerPool pool;

  public RowReductions(WorkerPool pool) {
    this.pool = pool;
  }

  @Override
  public void sumRows(SumRows call) {
    long x = call.x().address();
    long y = call.y().address();
    int M = call.M();
    int C = call.C();
    boolean accumulate = call.y().accumulate();
    long sums = sums(x, 1, M, C);
    RowChunks.deliver(sums, y, C, accumulate);
  }

  @Override
  public void meanTokens(MeanTokens call) {
    long x = call.x().address();
    long y = call.y().address();
    int B = call.B();
    int N = call.N();
    int C = call.C();
    long sums = sums(x, B, N, C);
    long stride = 4L * RowChunks.count(N) * C;
    for (int b = 0; b < B; b++) {
      Rows.divide(sums + b * stride, N, y + 4L * b * C, C);
    }
  }

  /**
   * The sum over N of x[B,N,C]: sample b's row starts at the result + 4 b chunks C, where chunks is
   * {@link RowChunks#count} of N.
   */
  private long sums(long x, int B, int N, int C) {
    int rows = RowChunks.rows(N);
    int chunks = RowChunks.count(N);
    long partials = pool.sharedScratch(4L * B * chunks * C);
    int group = Cut.rows((long) rows * C);
    int all = B * chunks;
    pool.run(
        Cut.tasks(all, group),
        (task, worker) -> {
          int end = (int) Math.min(all, (task + 1L) * group);
          for (int i = task * group; i < end; i++) {
            int from = i % chunks * rows;
            long first = (long) (i / chunks) * N + from;
            sumChunk(x + 4L * first * C, partials + 4L * i * C, Math.min(rows, N - from), C);
          }
        });
    for (int b = 0; b < B; b++) {
      RowChunks.combine(partials + 4L * b * chunks * C, chunks, C);
    }
    return partials;
  }

  private static void sumChunk(long x, long sum, int rows, int C) {
    Rows.fill(sum, 0, C);
    int m = 0;
    for (; m <= rows - 4; m += 4) {
      addFourRows(x + 4L * m * C, 4L * C, sum, C);
    }
    for (; m < rows; m++) {
      Rows.add(sum, x + 4L * m * C, sum, C);
    }
  }

  /** Four rows a sweep, so that the sum is read and written a quarter as often. */
  private static void addFourRows(long x, long stride, long sum, int C) {
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      long at = x + 4L * c;
      FloatVector a = load(at).add(load(at + stride));
      FloatVector b = load(at + 2 * stride).add(load(at + 3 * stride));
      store(load(sum + 4L * c).add(a.add(b)), sum + 4L * c);
    }
    if (c < C) {
      long at = x + 4L * c;
      VectorMask<Float> mask = tail(c, C);
      FloatVector a = load(at, mask).add(load(at + stride, mask));
      FloatVector b = load(at + 2 * stride, mask).add(load(at + 3 * stride, mask));
      store(load(sum + 4L * c, mask).add(a.add(b)), sum + 4L * c, mask);
    }
  }

  @Override
  public void meanTokensBackward(MeanTokensBackward call) {
    long dy = call.dy().address();
    long dx = call.dx().address();
    int B = call.B();
    int N = call.N();
    int C = call.C();
    boolean accumulate = call.dx().accumulate();
    int rows = Cut.rows(C);
    int groups = Cut.tasks(N, rows);
    pool.run(
        B * groups,
        (task, worker) -> {
          int b = task / groups;
          int from = task % groups * rows;
          int end = (int) Math.min(N, (long) from + rows);
          long row = pool.scratch(worker, 4L * C);
          Rows.divide(dy + 4L * b * C, N, row, C);
          for (int n = from; n < end; n++) {
            RowChunks.deliver(row, dx + 4L * ((long) b * N + n) * C, C, accumulate);
          }
        });
  }
}
