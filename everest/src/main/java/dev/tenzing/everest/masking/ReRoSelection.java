package dev.tenzing.everest.masking;

import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.MotionImportance;

/**
 * Redundancy-robust (ReRo) token selection of EVEREST (Hwang et al., ICML 2024, section 3.1): keep
 * the tokens that differ most from the token at the same place one slot earlier.
 *
 * <p>Importance is the L2 distance of the patch embeddings, before positions are added; slot 0
 * takes slot 1's value. {@code floor((1 - removed) N)} tokens are kept.
 *
 * @param removed share of tokens dropped as redundant (0.7 in pre-training, 0.4 in fine-tuning)
 */
public record ReRoSelection(double removed) implements TokenSelection {
  /** Rejects a share outside [0, 1). */
  public ReRoSelection {
    if (!(removed >= 0 && removed < 1)) {
      throw new IllegalArgumentException(
          "the share of tokens to keep must be above 0 and at most 1, got " + (1 - removed));
    }
  }

  /** The paper's pre-training setting: 30 % of the tokens kept. */
  public static ReRoSelection pretraining() {
    return new ReRoSelection(0.7);
  }

  /** The paper's fine-tuning setting: 60 % of the tokens kept. */
  public static ReRoSelection finetuning() {
    return new ReRoSelection(0.4);
  }

  @Override
  public Tensor importance(TokenGrid grid, Tensor tokens) {
    return MotionImportance.apply(tokens, grid.slots());
  }
}
