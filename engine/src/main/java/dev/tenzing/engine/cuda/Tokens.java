package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;

/**
 * Moving token rows. Gathered tokens have the type of activations, rows of tables are F32. An index
 * out of range reads and writes nothing; see tokens.cu.
 */
final class Tokens {
  private static final int THREADS = 256;
  private static final int ROWS = THREADS / 32;

  private final Launcher launcher;
  private final KernelFunction gather;
  private final KernelFunction gatherBackward;
  private final KernelFunction clearPlaces;
  private final KernelFunction places;
  private final KernelFunction addRows;
  private final KernelFunction copy16;
  private final KernelFunction copy4;
  private final KernelFunction copy1;

  Tokens(Launcher launcher, DType activations) {
    this.launcher = launcher;
    String file = "tokens";
    String suffix = Packs.suffix(activations);
    gather = launcher.function(file, "gather_tokens" + suffix);
    gatherBackward = launcher.function(file, "gather_tokens_backward" + suffix);
    clearPlaces = launcher.function(file, "gather_places_clear");
    places = launcher.function(file, "gather_places");
    addRows = launcher.function(file, "add_rows");
    copy16 = launcher.function(file, "copy_rows_16");
    copy4 = launcher.function(file, "copy_rows_4");
    copy1 = launcher.function(file, "copy_rows_1");
  }

  void gather(long x, long index, long y, int B, int N, int M, int C) {
    long rows = (long) B * M;
    Packs.rows(gather, rows, C).arg(x).arg(index).arg(y).arg(rows).arg(N).arg(M).arg(C).launch();
  }

  void gatherBackward(
      long dy, long index, long dx, int B, int N, int M, int C, boolean accumulate) {
    long rows = (long) B * M;
    long tokens = (long) B * N;
    long first = launcher.scratch(8 * tokens);
    long last = first + 4 * tokens;
    Packs.threads(clearPlaces, tokens).arg(first).arg(last).arg(tokens).arg(M).launch();
    Packs.threads(places, rows).arg(index).arg(first).arg(last).arg(rows).arg(N).arg(M).launch();
    gatherBackward
        .grid(Math.ceilDiv(tokens, ROWS))
        .block(THREADS)
        .arg(dy)
        .arg(index)
        .arg(first)
        .arg(last)
        .arg(dx)
        .arg(tokens)
        .arg(N)
        .arg(M)
        .arg(C)
        .arg(accumulate ? 1 : 0)
        .launch();
  }

  void addRows(long x, int xStride, long table, long index, long y, int B, int N, int M, int C) {
    long rows = (long) B * M;
    Packs.rows(addRows, rows, C)
        .arg(x)
        .arg(xStride)
        .arg(table)
        .arg(index)
        .arg(y)
        .arg(rows)
        .arg(N)
        .arg(M)
        .arg(C)
        .launch();
  }

  /** In the largest units that all addresses and sizes are multiples of. */
  void copyRows(
      long source, long sourceStride, long target, long targetStride, long rows, long rowBytes) {
    if (rowBytes == 0) {
      return;
    }
    long all = source | sourceStride | target | targetStride | rowBytes;
    int unit = all % 16 == 0 ? 16 : all % 4 == 0 ? 4 : 1;
    KernelFunction kernel = unit == 16 ? copy16 : unit == 4 ? copy4 : copy1;
    Packs.threads(kernel, rows * (rowBytes / unit))
        .arg(source)
        .arg(sourceStride / unit)
        .arg(target)
        .arg(targetStride / unit)
        .arg(rows)
        .arg(rowBytes / unit)
        .launch();
  }
}
