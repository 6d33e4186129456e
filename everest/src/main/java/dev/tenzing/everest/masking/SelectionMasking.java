package dev.tenzing.everest.masking;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Argsort;
import dev.tenzing.engine.op.TakeSorted;

/**
 * Pre-training on the tokens of a selection (EVEREST: Hwang et al., ICML 2024, section 3.1): those
 * kept are shuffled, the first {@code floor((1 - masked) N)} are shown to the encoder and the rest
 * of them is predicted; all others are neither seen nor predicted.
 *
 * @param selection which tokens are kept
 * @param masked share of all tokens that the encoder does not see (0.9)
 */
public record SelectionMasking(TokenSelection selection, double masked) implements Masking {
  /** Rejects a ratio outside [0, 1). */
  public SelectionMasking {
    if (!(masked >= 0 && masked < 1)) {
      throw new IllegalArgumentException(
          "the mask ratio must be at least 0 and below 1, got " + masked);
    }
  }

  @Override
  public void check(TokenGrid grid) {
    if (visibleTokens(grid) < 1 || targetTokens(grid) < 1) {
      throw new IllegalArgumentException(
          "keeping %s of %s tokens (%s) with mask ratio %s leaves %s visible and %s to predict, and both must be at least 1; larger clips, a smaller --mask-ratio or a larger --keep help"
              .formatted(
                  selection.keptTokens(grid),
                  grid.tokens(),
                  grid,
                  masked,
                  visibleTokens(grid),
                  Math.max(targetTokens(grid), 0)));
    }
  }

  /** The paper's setting: 30 % of the tokens kept, 10 % visible. */
  public static SelectionMasking everest() {
    return new SelectionMasking(ReRoSelection.pretraining(), 0.9);
  }

  @Override
  public int visibleTokens(TokenGrid grid) {
    return (int) ((1 - masked) * grid.tokens());
  }

  @Override
  public int targetTokens(TokenGrid grid) {
    return selection.keptTokens(grid) - visibleTokens(grid);
  }

  @Override
  public boolean needsTokens() {
    return true;
  }

  @Override
  public TokenPlan plan(Device device, TokenGrid grid, Tensor tokens, int batch, Draw draw) {
    int k = selection.keptTokens(grid);
    Tensor noise = device.feed(Shape.of(batch, k), () -> draw.uniform("rero", batch, k));
    return split(grid, selection.rank(selection.importance(grid, tokens)), noise);
  }

  /**
   * Splits ranked tokens into visible and predicted ones by noise: the K top ranks are put in the
   * order of ascending noise, the first n are visible.
   *
   * @param ranked I32 [B, N]
   * @param noise [B, K]
   */
  public TokenPlan split(TokenGrid grid, Tensor ranked, Tensor noise) {
    check(grid);
    int visible = visibleTokens(grid);
    Tensor shuffle = Argsort.apply(noise, false);
    return new TokenPlan(
        TakeSorted.apply(ranked, shuffle, 0, visible),
        TakeSorted.apply(ranked, shuffle, visible, targetTokens(grid)));
  }
}
