package dev.tenzing.everest.masking;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Argsort;
import dev.tenzing.engine.op.MotionImportance;
import dev.tenzing.engine.op.TakeSorted;

/**
 * Redundancy-robust (ReRo) token selection of EVEREST (Hwang et al., ICML 2024, section 3.1): keep
 * the tokens that differ most from the token at the same place one slot earlier.
 *
 * <p>Importance is the L2 distance of the patch embeddings, before positions are added; slot 0
 * takes slot 1's value. Pre-training keeps {@code floor((1 - removed) N)} tokens, shuffles them,
 * shows the first {@code floor((1 - masked) N)} to the encoder and predicts the rest; all others
 * are neither seen nor predicted. Fine-tuning shows all kept tokens. No gradient flows through the
 * selection. Equal importances rank the lower index first.
 *
 * @param removed share of tokens dropped as redundant (0.7 in pre-training, 0.4 in fine-tuning)
 * @param masked share of all tokens that the encoder does not see in pre-training (0.9)
 */
public record ReRoSelection(double removed, double masked) implements Masking {
  /** Rejects ratios outside [0, 1). */
  public ReRoSelection {
    if (!(removed >= 0 && removed < 1)) {
      throw new IllegalArgumentException(
          "the share of tokens to keep must be above 0 and at most 1, got " + (1 - removed));
    }
    if (!(masked >= 0 && masked < 1)) {
      throw new IllegalArgumentException(
          "the mask ratio must be at least 0 and below 1, got " + masked);
    }
  }

  /** The paper's pre-training setting: 30 % of the tokens kept, 10 % visible. */
  public static ReRoSelection pretraining() {
    return new ReRoSelection(0.7, 0.9);
  }

  /** The paper's fine-tuning setting: 60 % of the tokens kept. */
  public static ReRoSelection finetuning() {
    return new ReRoSelection(0.4, 0);
  }

  /** Tokens a clip that are kept, K; truncated as the official code does. */
  public int keptTokens(TokenGrid grid) {
    return (int) ((1 - removed) * grid.tokens());
  }

  @Override
  public int visibleTokens(TokenGrid grid) {
    return (int) ((1 - masked) * grid.tokens());
  }

  @Override
  public int targetTokens(TokenGrid grid) {
    return keptTokens(grid) - visibleTokens(grid);
  }

  @Override
  public boolean needsTokens() {
    return true;
  }

  /** Importance [B, N] of tokens [B, N, C]. */
  public Tensor importance(TokenGrid grid, Tensor tokens) {
    return MotionImportance.apply(tokens, grid.slots());
  }

  /** Token indices by falling importance, I32 [B, N]. */
  public Tensor rank(Tensor importance) {
    return Argsort.apply(importance, true);
  }

  /** The kept tokens of fine-tuning, I32 [B, K] ascending, from ranked tokens [B, N]. */
  public Tensor kept(TokenGrid grid, Tensor ranked) {
    int k = keptTokens(grid);
    int batch = (int) ranked.dim(0);
    int[] identity = new int[batch * k];
    for (int i = 0; i < identity.length; i++) {
      identity[i] = i % k;
    }
    return TakeSorted.apply(ranked, ranked.device().constant(Shape.of(batch, k), identity), 0, k);
  }

  @Override
  public TokenPlan plan(Device device, TokenGrid grid, Tensor tokens, int batch, Draw draw) {
    int k = keptTokens(grid);
    Tensor noise = device.feed(Shape.of(batch, k), () -> draw.uniform("rero", batch, k));
    return split(grid, rank(importance(grid, tokens)), noise);
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
