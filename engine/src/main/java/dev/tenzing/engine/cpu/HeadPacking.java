package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Tile.A_STRIDE;
import static dev.tenzing.engine.cpu.Tile.COLUMNS;
import static dev.tenzing.engine.cpu.Tile.ROWS;

/**
 * Packs rows of one attention head, which lie {@code stride} elements apart, into the operands that
 * {@link Tile} reads.
 */
final class HeadPacking {
  private HeadPacking() {}

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
    Panels.zero(target, COLUMNS, 1, COLUMNS);
    Panels.copy(source, stride, target + COLUMNS * 4L, COLUMNS, rows, columns, COLUMNS);
  }

  /** Right operand: a row of zeros, then D rows whose columns are {@code rows} source rows. */
  static void panelTransposed(long source, long stride, long target, int rows, int D) {
    long body = target + COLUMNS * 4L;
    Panels.zero(target, COLUMNS, 1, COLUMNS);
    Panels.transpose(source, stride, body, COLUMNS, rows, D);
    if (rows < COLUMNS) {
      Panels.zero(body + rows * 4L, COLUMNS, D, COLUMNS - rows);
    }
  }

  /** Left operand: the rows, and rows of zeros up to a whole tile. */
  static void rows(long source, long stride, long target, int rows, int D) {
    Panels.copy(source, stride, target, A_STRIDE, rows, D, D);
    Panels.zero(target + (long) rows * A_STRIDE * 4, A_STRIDE, roundUp(rows, ROWS) - rows, D);
  }

  /** Left operand: D rows of {@code rows} elements, and rows of zeros up to a whole tile. */
  static void rowsTransposed(long source, long stride, long target, int rows, int D) {
    Panels.transpose(source, stride, target, A_STRIDE, rows, D);
    Panels.zero(target + (long) D * A_STRIDE * 4, A_STRIDE, roundUp(D, ROWS) - D, rows);
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
