package dev.tenzing.engine.cpu.gemm;

import static dev.tenzing.engine.cpu.gemm.Tile.A_STRIDE;
import static dev.tenzing.engine.cpu.gemm.Tile.COLUMNS;

import dev.tenzing.engine.cpu.gemm.Product.Matrix;

/**
 * Panels of words, each of two BF16 numbers whose products one step of a tile adds up.
 *
 * <p>Which places of K share a word is free as long as a and b agree: here k in the first half of
 * the block has the lower half of a word, and its place in the second half the upper one. So words
 * are made of two rows, or of two halves of a row, lane by lane and without shuffles. When the
 * depth is odd the last word's upper half is zero.
 */
final class Bf16Packing implements Packing {
  /** Runs tiles of words; see {@link dev.tenzing.engine.cpu.x86.TileCode}. */
  @FunctionalInterface
  interface Tiles {
    void run(
        long a,
        long aStep,
        long b,
        long bStep,
        int words,
        long add,
        long c,
        long cStep,
        long stride,
        int count);
  }

  // The largest side of squares that are transposed.
  private static final int SIDE = 16;

  // Words are made before they are transposed, so many at a time that they stay in L1.
  private static final int WORDS = 4 * SIDE;
  private static final int ROWS = 2 * SIDE;

  private final Tiles tiles;

  Bf16Packing(Tiles tiles) {
    this.tiles = tiles;
  }

  @Override
  public int most() {
    return 2 * Tile.DEPTH;
  }

  @Override
  public int elements(int depth) {
    return Math.ceilDiv(depth, 2);
  }

  @Override
  public long scratchBytes() {
    return 4L * Math.max(WORDS * COLUMNS, ROWS * Product.STRIP_ROWS);
  }

  @Override
  public void packA(Matrix a, int row, int k, long target, int rows, int depth, long scratch) {
    int words = elements(depth);
    int pairs = depth - words;
    if (!a.transposed()) {
      long lower = a.at(row, k);
      long upper = a.at(row, k + words);
      Bf16.pair(lower, upper, a.stride(), target, A_STRIDE, rows, words, pairs, false);
      return;
    }
    long stride = Product.STRIP_ROWS;
    for (int first = 0; first < words; first += ROWS) {
      int count = Math.min(ROWS, words - first);
      long lower = a.at(row, k + first);
      long upper = a.at(row, k + words + first);
      pairRows(lower, upper, a.stride(), scratch, stride, count, pairs - first, rows);
      // Whole squares: there is room after the last words, and nobody reads it.
      int whole = Math.ceilDiv(count, SIDE) * SIDE;
      Transpose.transpose(scratch, stride, target + first * 4L, A_STRIDE, whole, rows);
    }
  }

  @Override
  public void packB(Matrix b, int k, int n, long target, int columns, int depth, long scratch) {
    int words = elements(depth);
    int pairs = depth - words;
    if (columns < COLUMNS) {
      Panels.zero(target, (long) words * COLUMNS);
    }
    if (!b.transposed()) {
      long upper = b.at(k + words, n);
      pairRows(b.at(k, n), upper, b.stride(), target, COLUMNS, words, pairs, columns);
      return;
    }
    for (int first = 0; first < words; first += WORDS) {
      int count = Math.min(WORDS, words - first);
      int both = Math.min(count, pairs - first);
      long lower = b.at(k + first, n);
      long upper = b.at(k + words + first, n);
      Bf16.pair(lower, upper, b.stride(), scratch, WORDS, columns, count, both, false);
      long to = target + (long) first * COLUMNS * 4;
      Transpose.transpose(scratch, WORDS, to, COLUMNS, columns, count);
    }
  }

  /** Words of two rows each; those after the first {@code pairs} rows have no upper one. */
  private static void pairRows(
      long lower,
      long upper,
      long stride,
      long target,
      long targetStride,
      int rows,
      int pairs,
      int columns) {
    int both = Math.min(rows, pairs);
    Bf16.pair(lower, upper, stride, target, targetStride, both, columns, columns, true);
    if (both < rows) {
      long last = lower + both * stride * 4;
      long to = target + both * targetStride * 4;
      Bf16.pair(last, Bf16.ZEROS, 0, to, targetStride, 1, columns, columns, true);
    }
  }

  @Override
  public void multiply(
      long a,
      long b,
      long bStep,
      int elements,
      long add,
      long c,
      long cStep,
      long stride,
      int count,
      long scratch) {
    tiles.run(a, 0, b, bStep, elements, add, c, cStep, stride, count);
  }
}
