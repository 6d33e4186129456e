package dev.tenzing.engine.cpu.attention;

import static dev.tenzing.engine.cpu.gemm.Tile.A_STRIDE;
import static dev.tenzing.engine.cpu.gemm.Tile.COLUMNS;
import static dev.tenzing.engine.cpu.gemm.Tile.ROWS;

import dev.tenzing.engine.cpu.gemm.F32Packing;
import dev.tenzing.engine.cpu.gemm.Panels;
import dev.tenzing.engine.cpu.gemm.Tile;

/**
 * {@link Tile} products for attention: packs rows of one head, which lie {@code stride} elements
 * apart, into operands, and adds tiles up.
 */
final class HeadTiles {
  private HeadTiles() {}

  /** Bytes of a panel of {@code depth} rows and the row of zeros before them. */
  static long panelBytes(int depth) {
    return (depth + 1L) * COLUMNS * 4;
  }

  /** Bytes of {@code rows} rows for a tile's left operand, rounded up to whole tiles. */
  static long rowsBytes(int rows) {
    return (long) roundUp(rows, ROWS) * A_STRIDE * 4;
  }

  /** Right operand: a row of zeros, then the {@code columns} (at most COLUMNS) of each row. */
  static void panel(long source, long stride, long target, int rows, int columns) {
    Panels.zero(target, COLUMNS);
    F32Packing.panel(source, stride, false, target + COLUMNS * 4L, columns, rows);
  }

  /** Right operand: a row of zeros, then D rows whose columns are {@code rows} source rows. */
  static void panelTransposed(long source, long stride, long target, int rows, int D) {
    Panels.zero(target, COLUMNS);
    F32Packing.panel(source, stride, true, target + COLUMNS * 4L, rows, D);
  }

  /** Left operand: the rows, and rows of zeros up to a whole tile. */
  static void rows(long source, long stride, long target, int rows, int D) {
    zeroRest(target, rows);
    F32Packing.rows(source, stride, false, target, rows, D);
  }

  /** Left operand: D rows of {@code rows} elements, and rows of zeros up to a whole tile. */
  static void rowsTransposed(long source, long stride, long target, int rows, int D) {
    zeroRest(target, D);
    F32Packing.rows(source, stride, true, target, D, rows);
  }

  private static void zeroRest(long target, int rows) {
    long rest = roundUp(rows, ROWS) - rows;
    Panels.zero(target + (long) rows * A_STRIDE * 4, rest * A_STRIDE);
  }

  /**
   * {@code c = a b}, or {@code c += a b} when not first, for {@code tiles} tiles below each other
   * that share the panel b; rows of c lie {@code stride} elements apart.
   */
  static void multiply(
      long a, int tiles, long b, int depth, boolean first, long c, long stride, long scratch) {
    long step = stride * ROWS * 4;
    Tile.run(a, Tile.A_STEP, b, 0, depth, first ? 0 : c, c, step, stride * 4, tiles, scratch);
  }

  /** The least multiple of {@code unit} that is not below x. */
  static int roundUp(int x, int unit) {
    return Math.ceilDiv(x, unit) * unit;
  }

  /** Size of equal blocks of N things: at most {@code most}, rounded up to {@code unit}. */
  static int blockSize(int N, int most, int unit) {
    return roundUp(Math.ceilDiv(N, Math.ceilDiv(N, most)), unit);
  }
}
