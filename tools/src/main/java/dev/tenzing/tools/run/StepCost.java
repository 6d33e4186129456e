package dev.tenzing.tools.run;

import dev.tenzing.engine.op.Attention;
import dev.tenzing.engine.op.Linear;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.model.VitConfig;

/**
 * Multiply-adds of one clip's forward pass, counted over the tokens that are used, as the papers
 * count. Three times as many for a training step is a convention: with a selection the backward of
 * the embedding takes fewer tokens than its forward.
 */
public final class StepCost {
  private StepCost() {}

  /**
   * Pre-training: embedding and encoder over the visible tokens, decoder over visible and predicted
   * ones.
   */
  public static double pretraining(VitConfig config, TokenGrid grid, Masking masking) {
    long visible = masking.visibleTokens(grid);
    long target = masking.targetTokens(grid);
    long embedded = masking.needsTokens() ? grid.tokens() : visible;
    return Linear.macs(embedded, config.width(), config.patchValues())
        + config.depth() * block(visible, config.width(), config)
        + Linear.macs(visible, config.decoderWidth(), config.width())
        + config.decoderDepth() * block(visible + target, config.decoderWidth(), config)
        + Linear.macs(target, config.patchValues(), config.decoderWidth());
  }

  /** Fine-tuning: embedding of all tokens, encoder over the kept ones. */
  public static double finetuning(VitConfig config, TokenGrid grid, ReRoSelection selection) {
    long kept = selection == null ? grid.tokens() : selection.keptTokens(grid);
    return Linear.macs(grid.tokens(), config.width(), config.patchValues())
        + config.depth() * block(kept, config.width(), config);
  }

  private static double block(long tokens, int width, VitConfig config) {
    long hidden = (long) (width * config.mlpRatio());
    return Linear.macs(tokens, 4L * width, width)
        + 2.0 * Linear.macs(tokens, hidden, width)
        + Attention.macs(1, tokens, 1, width);
  }
}
