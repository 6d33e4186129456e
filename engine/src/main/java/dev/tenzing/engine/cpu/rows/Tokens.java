package dev.tenzing.engine.cpu.rows;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.Rows;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.TokenKernels;
import java.lang.foreign.MemorySegment;

/** Moving token rows: gather, scatter, adding table rows, strided copies. */
public final class Tokens implements TokenKernels {
  private final WorkerPool pool;

  public Tokens(WorkerPool pool) {
    this.pool = pool;
  }

  @Override
  public long firstOutOfRange(FirstOutOfRange call) {
    return Native.firstOutOfRange(call.index().address(), call.count(), call.limit());
  }

  @Override
  public void gather(GatherTokens call) {
    long x = call.x().address();
    long index = call.index().address();
    long y = call.y().address();
    int B = call.B();
    int N = call.N();
    int M = call.M();
    int C = call.C();
    int rows = Cut.rows(C);
    long all = (long) B * M;
    pool.run(
        Cut.tasks(all, rows),
        (task, worker) -> {
          long end = Math.min(all, (task + 1L) * rows);
          for (long m = (long) task * rows; m < end; m++) {
            long n = m / M * N + Native.i32(index + 4 * m);
            Rows.copy(x + 4 * n * C, y + 4 * m * C, C);
          }
        });
  }

  /**
   * A task owns a range of rows of one sample of dx and looks through the sample's indices for
   * them: no two tasks write the same row, repeated indices add up in their order, and the rows
   * that a task clears are still in its cache when gradients are added.
   */
  @Override
  public void gatherBackward(GatherTokensBackward call) {
    long dy = call.dy().address();
    long index = call.index().address();
    long dx = call.dx().address();
    int B = call.B();
    int N = call.N();
    int M = call.M();
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
          long sample = dx + 4L * b * N * C;
          if (!accumulate) {
            for (int n = from; n < end; n++) {
              Rows.fill(sample + 4L * n * C, 0, C);
            }
          }
          for (int m = 0; m < M; m++) {
            long source = (long) b * M + m;
            int n = Native.i32(index + 4 * source);
            if (n >= from && n < end) {
              long row = sample + 4L * n * C;
              Rows.add(row, dy + 4 * source * C, row, C);
            }
          }
        });
  }

  @Override
  public void addRows(AddRows call) {
    long x = call.x().address();
    int xStride = call.xStride();
    long table = call.table().address();
    long index = call.index().address();
    long y = call.y().address();
    int B = call.B();
    int M = call.M();
    int C = call.C();
    int rows = Cut.rows(C);
    long all = (long) B * M;
    pool.run(
        Cut.tasks(all, rows),
        (task, worker) -> {
          long end = Math.min(all, (task + 1L) * rows);
          for (long m = (long) task * rows; m < end; m++) {
            long n = index == 0 ? m % M : Native.i32(index + 4 * m);
            Rows.add(x + 4 * m * xStride, table + 4 * n * C, y + 4 * m * C, C);
          }
        });
  }

  @Override
  public void copyRows(CopyRows call) {
    long source = call.source();
    long sourceStride = call.sourceStride();
    long target = call.target();
    long targetStride = call.targetStride();
    long rows = call.rows();
    long rowBytes = call.rowBytes();
    if (rowBytes == 0) {
      return;
    }
    long piece = 4L * Cut.ELEMENTS;
    long pieces = (rowBytes + piece - 1) / piece;
    long perTask = Math.max(1, piece / rowBytes);
    long all = rows * pieces;
    pool.run(
        Cut.tasks(all, perTask),
        (task, worker) -> {
          long end = Math.min(all, (task + 1L) * perTask);
          for (long i = task * perTask; i < end; i++) {
            long row = i / pieces;
            long at = i % pieces * piece;
            MemorySegment.copy(
                Native.ALL,
                source + row * sourceStride + at,
                Native.ALL,
                target + row * targetStride + at,
                Math.min(piece, rowBytes - at));
          }
        });
  }
}
