package dev.tenzing.everest.masking;

import dev.tenzing.engine.Rng;
import java.util.stream.IntStream;

/**
 * Running cell mask of VideoMAE V2 (Wang et al., CVPR 2023, section 3.2): each slot is tiled by
 * cells of 2 x 2 tokens of which 1, 2 or 3 are masked, and from slot to slot the pattern runs one
 * position on through the cell. So in 4 slots every place is masked equally often.
 *
 * <p>The pattern of a slot is that of a ring of four, {@code ratio * 4} masked ones first, read
 * from (phase + slot + 1) on. A draw picks one of the 4 phases.
 *
 * <p>An odd side cuts the last cells. Unless the slots are a multiple of 4, phases then differ in
 * how many tokens they mask; as the clips of a batch must agree, a phase that masks fewer masks
 * further tokens at random. (The official code takes even sides only.)
 *
 * @param ratio share of tokens that are masked: 0.25, 0.5 or 0.75
 */
public record RunningCellMask(double ratio) implements TokenMask {
  /** Phases that a draw chooses from: positions in a cell. */
  public static final int PHASES = 4;

  static final String LABEL = "running-cell";

  /** Rejects a ratio that does not mask 1, 2 or 3 of 4 tokens. */
  public RunningCellMask {
    if (ratio != 0.25 && ratio != 0.5 && ratio != 0.75) {
      throw new IllegalArgumentException(
          "a running cell masks 1, 2 or 3 of 4 tokens: its ratio must be 0.25, 0.5 or 0.75, got "
              + ratio);
    }
  }

  @Override
  public String label() {
    return LABEL;
  }

  @Override
  public int masked(TokenGrid grid) {
    int most = 0;
    for (int phase = 0; phase < PHASES; phase++) {
      most = Math.max(most, count(phase(grid, phase)));
    }
    return most;
  }

  @Override
  public boolean[] draw(TokenGrid grid, Rng.Stream random) {
    boolean[] mask = phase(grid, random.nextInt(PHASES));
    int missing = masked(grid) - count(mask);
    if (missing > 0) {
      int[] free = free(mask);
      for (int i : Ratios.choose(random, free.length, missing)) {
        mask[free[i]] = true;
      }
    }
    return mask;
  }

  /** The mask of one phase, 0 to 3; a value a token, true = masked. */
  boolean[] phase(TokenGrid grid, int phase) {
    int maskedOfCell = (int) (PHASES * ratio);
    boolean[] mask = new boolean[grid.tokens()];
    for (int token = 0; token < mask.length; token++) {
      int slot = token / grid.perSlot();
      int row = token % grid.perSlot() / grid.columns();
      int column = token % grid.columns();
      int position = row % 2 * 2 + column % 2;
      mask[token] = (position + phase + slot + 1) % PHASES < maskedOfCell;
    }
    return mask;
  }

  private static int count(boolean[] mask) {
    return mask.length - free(mask).length;
  }

  private static int[] free(boolean[] mask) {
    return IntStream.range(0, mask.length).filter(i -> !mask[i]).toArray();
  }
}
