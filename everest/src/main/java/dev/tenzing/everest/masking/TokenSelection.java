package dev.tenzing.everest.masking;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Argsort;
import dev.tenzing.engine.op.TakeSorted;

/**
 * A rule that keeps the most important tokens of a clip, by what they show. It ranks them; models,
 * masks and the selection of frames do the rest. No gradient flows through it.
 */
public interface TokenSelection {
  /** Share of a clip's tokens that are dropped, at least 0 and below 1. */
  double removed();

  /** Tokens a clip that are kept, K: the share of them, truncated as the official code does. */
  default int keptTokens(TokenGrid grid) {
    return (int) ((1 - removed()) * grid.tokens());
  }

  /** Importance [B, N] of patch embeddings [B, N, C], before positions are added. */
  Tensor importance(TokenGrid grid, Tensor tokens);

  /** Token indices by falling importance, I32 [B, N]; of equal ones the lower index is first. */
  default Tensor rank(Tensor importance) {
    return Argsort.apply(importance, true);
  }

  /** The kept tokens, I32 [B, K] ascending, from ranked tokens [B, N]. */
  default Tensor kept(TokenGrid grid, Tensor ranked) {
    int k = keptTokens(grid);
    int batch = (int) ranked.dim(0);
    int[] identity = new int[batch * k];
    for (int i = 0; i < identity.length; i++) {
      identity[i] = i % k;
    }
    return TakeSorted.apply(ranked, ranked.device().constant(Shape.of(batch, k), identity), 0, k);
  }
}
