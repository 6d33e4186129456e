package dev.tenzing.everest.recipe;

import dev.tenzing.everest.masking.Masking;

/**
 * What pre-training asks of the model.
 *
 * @param method how tokens are hidden
 * @param maskRatio share of all tokens that the encoder does not see
 * @param keep share of tokens that EVEREST keeps; others ignore it
 * @param normalizeTargets whether targets are normalised per patch
 */
public record Pretraining(Method method, double maskRatio, double keep, boolean normalizeTargets) {
  /** The masking rule. */
  public Masking masking() {
    return method.masking(maskRatio, keep);
  }
}
