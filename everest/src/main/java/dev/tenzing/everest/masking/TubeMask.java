package dev.tenzing.everest.masking;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import java.util.stream.IntStream;

/**
 * Tube mask of VideoMAE (Tong et al., NeurIPS 2022): one random set of places, the same in every
 * slot; everything masked is predicted.
 *
 * @param ratio share of places that are masked; {@code floor(ratio L)} of L places, as the official
 *     code truncates
 */
public record TubeMask(double ratio) implements Masking {
  /** Rejects a ratio outside (0, 1). */
  public TubeMask {
    if (!(ratio > 0 && ratio < 1)) {
      throw new IllegalArgumentException("the mask ratio must lie between 0 and 1, got " + ratio);
    }
  }

  private int maskedPerSlot(TokenGrid grid) {
    int masked = (int) (ratio * grid.perSlot());
    if (masked < 1 || masked == grid.perSlot()) {
      throw new IllegalArgumentException(
          "a tube mask of %s on %d tokens a slot leaves nothing to see or to predict"
              .formatted(ratio, grid.perSlot()));
    }
    return masked;
  }

  @Override
  public int visibleTokens(TokenGrid grid) {
    return grid.tokens() - targetTokens(grid);
  }

  @Override
  public int targetTokens(TokenGrid grid) {
    return grid.slots() * maskedPerSlot(grid);
  }

  @Override
  public boolean needsTokens() {
    return false;
  }

  @Override
  public TokenPlan plan(Device device, TokenGrid grid, Tensor tokens, int batch, Draw draw) {
    int places = grid.perSlot();
    int masked = maskedPerSlot(grid);
    float[] noise = draw.uniform("tube", batch, places);
    boolean[] mask = new boolean[batch * grid.tokens()];
    for (int b = 0; b < batch; b++) {
      for (int place : smallest(noise, b * places, places, masked)) {
        for (int t = 0; t < grid.slots(); t++) {
          mask[b * grid.tokens() + t * places + place] = true;
        }
      }
    }
    return TokenPlan.fromMask(device, mask, batch, grid.tokens());
  }

  /**
   * Offsets of the {@code count} smallest of {@code n} values from {@code start}; equal values
   * count the earlier one first.
   */
  static int[] smallest(float[] values, int start, int n, int count) {
    return IntStream.range(0, n)
        .boxed()
        .sorted((i, j) -> Float.compare(values[start + i], values[start + j]))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
