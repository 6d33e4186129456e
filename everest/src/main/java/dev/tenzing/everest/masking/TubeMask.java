package dev.tenzing.everest.masking;

import dev.tenzing.engine.Rng;

/**
 * Tube mask of VideoMAE (Tong et al., NeurIPS 2022): one random set of places, the same in every
 * slot.
 *
 * @param ratio share of places that are masked; {@code floor(ratio L)} of L places a slot
 */
public record TubeMask(double ratio) implements TokenMask {
  static final String LABEL = "tube";

  /** Rejects a ratio outside (0, 1). */
  public TubeMask {
    Ratios.check(ratio);
  }

  @Override
  public String label() {
    return LABEL;
  }

  private int maskedPlaces(TokenGrid grid) {
    return (int) (ratio * grid.perSlot());
  }

  @Override
  public int masked(TokenGrid grid) {
    return grid.slots() * maskedPlaces(grid);
  }

  @Override
  public boolean[] draw(TokenGrid grid, Rng.Stream random) {
    boolean[] mask = new boolean[grid.tokens()];
    for (int place : Ratios.choose(random, grid.perSlot(), maskedPlaces(grid))) {
      for (int slot = 0; slot < grid.slots(); slot++) {
        mask[slot * grid.perSlot() + place] = true;
      }
    }
    return mask;
  }
}
