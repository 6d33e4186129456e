package dev.tenzing.everest.masking;

import dev.tenzing.engine.Rng;

/**
 * Random mask over space and time of ST-MAE (Feichtenhofer et al., "Masked autoencoders as
 * spatiotemporal learners", NeurIPS 2022).
 *
 * @param ratio share of tokens that are masked; {@code floor(ratio N)} of N
 */
public record RandomMask(double ratio) implements TokenMask {
  static final String LABEL = "random";

  /** Rejects a ratio outside (0, 1). */
  public RandomMask {
    Ratios.check(ratio);
  }

  @Override
  public String label() {
    return LABEL;
  }

  @Override
  public int masked(TokenGrid grid) {
    return (int) (ratio * grid.tokens());
  }

  @Override
  public boolean[] draw(TokenGrid grid, Rng.Stream random) {
    boolean[] mask = new boolean[grid.tokens()];
    for (int token : Ratios.choose(random, grid.tokens(), masked(grid))) {
      mask[token] = true;
    }
    return mask;
  }
}
