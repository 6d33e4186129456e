package dev.tenzing.everest.masking;

import dev.tenzing.engine.Rng;
import java.util.Arrays;

/**
 * Frame mask: all tokens of some slots, the baseline of VideoMAE V2 (Wang et al., CVPR 2023, table
 * 1) for the decoder.
 *
 * @param ratio share of slots that are masked; {@code floor(ratio T)} of T
 */
public record FrameMask(double ratio) implements TokenMask {
  static final String LABEL = "frame";

  /** Rejects a ratio outside (0, 1). */
  public FrameMask {
    Ratios.check(ratio);
  }

  @Override
  public String label() {
    return LABEL;
  }

  private int maskedSlots(TokenGrid grid) {
    return (int) (ratio * grid.slots());
  }

  @Override
  public int masked(TokenGrid grid) {
    return grid.perSlot() * maskedSlots(grid);
  }

  @Override
  public boolean[] draw(TokenGrid grid, Rng.Stream random) {
    boolean[] mask = new boolean[grid.tokens()];
    for (int slot : Ratios.choose(random, grid.slots(), maskedSlots(grid))) {
      Arrays.fill(mask, slot * grid.perSlot(), (slot + 1) * grid.perSlot(), true);
    }
    return mask;
  }
}
