package dev.tenzing.engine.cpu.vector;

/**
 * Sums over many rows, the same for every number of threads: the rows are cut into chunks by their
 * number alone, each chunk sums into a row of its own, and these partial rows are added pairwise.
 *
 * <p>Pairwise addition also keeps the rounding error of F32 sums small (Higham, 1993).
 */
public final class RowChunks {
  // Fewer rows would spend more time on the partial rows than on the rows themselves; more chunks
  // would not fit the cache.
  private static final int MIN_ROWS = 32;
  private static final int MAX_CHUNKS = 64;

  private RowChunks() {}

  /** Rows of each chunk of M rows, the last one's perhaps excepted. */
  public static int rows(int M) {
    return Math.max(MIN_ROWS, (M + MAX_CHUNKS - 1) / MAX_CHUNKS);
  }

  /** Chunks of M rows, at least 1. */
  public static int count(int M) {
    return Math.max(1, Cut.tasks(M, rows(M)));
  }

  /** Adds all partial rows of {@code width} elements to the first. */
  public static void combine(long partials, int chunks, int width) {
    for (int stride = 1; stride < chunks; stride *= 2) {
      for (int i = 0; i + stride < chunks; i += 2 * stride) {
        long sum = partials + 4L * i * width;
        Rows.add(sum, partials + 4L * (i + stride) * width, sum, width);
      }
    }
  }

  /** Copies a finished row of C to y, or adds it. */
  public static void deliver(long row, long y, int C, boolean accumulate) {
    if (accumulate) {
      Rows.add(y, row, y, C);
    } else {
      Rows.copy(row, y, C);
    }
  }
}
