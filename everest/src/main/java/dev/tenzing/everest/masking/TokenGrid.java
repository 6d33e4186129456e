package dev.tenzing.everest.masking;

/**
 * The tokens of one clip: T slots of H x W patches; token index = (t * H + h) * W + w.
 *
 * @param slots temporal slots T (frames / tubelet)
 * @param rows patches down H
 * @param columns patches across W
 */
public record TokenGrid(int slots, int rows, int columns) {
  /** Rejects an empty grid, and one whose tokens an int cannot count. */
  public TokenGrid {
    if (slots < 1 || rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "a token grid needs at least one slot, row and column, got %s x %s x %s"
              .formatted(slots, rows, columns));
    }
    if ((double) slots * rows * columns > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a grid of %sx%sx%s tokens is too large".formatted(slots, rows, columns));
    }
  }

  /** Tokens a slot, L. */
  public int perSlot() {
    return rows * columns;
  }

  /** Tokens in all, N. */
  public int tokens() {
    return slots * perSlot();
  }

  @Override
  public String toString() {
    return slots + "x" + rows + "x" + columns;
  }
}
