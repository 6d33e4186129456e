package dev.tenzing.engine.cpu;

import java.lang.foreign.MemorySegment;

/** Moving token rows: gather, scatter, adding table rows, strided copies. */
final class Tokens {
  private final WorkerPool pool;

  Tokens(WorkerPool pool) {
    this.pool = pool;
  }

  void gather(long x, long index, long y, int B, int N, int M, int C) {
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
  void gatherBackward(
      long dy, long index, long dx, int B, int N, int M, int C, boolean accumulate) {
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

  void addRows(long x, int xStride, long table, long index, long y, int B, int M, int C) {
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

  void copyRows(
      long source, long sourceStride, long target, long targetStride, long rows, long rowBytes) {
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
