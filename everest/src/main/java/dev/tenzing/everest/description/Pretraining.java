package dev.tenzing.everest.description;

import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.RunningCellMask;
import dev.tenzing.everest.masking.SelectionMasking;
import dev.tenzing.everest.masking.TokenMask;
import dev.tenzing.everest.masking.TokenSelection;

/**
 * What pre-training asks of the model.
 *
 * @param method how tokens are hidden
 * @param maskRatio share of all tokens that the encoder does not see
 * @param keep share of tokens that EVEREST keeps; 1 for methods that do not select
 * @param decoderMask what the decoder does not fill in; null when it fills in exactly what the
 *     encoder does not see, or what EVEREST selects
 * @param normalizeTargets whether targets are normalised per patch
 */
public record Pretraining(
    Method method, double maskRatio, double keep, TokenMask decoderMask, boolean normalizeTargets)
    implements Purpose {
  /** Rejects impossible ratios and a decoder mask where EVEREST selects. */
  public Pretraining {
    if (method.selects() && decoderMask != null) {
      throw new IllegalArgumentException(
          "a decoder mask (%s) does not go with %s, whose selection says what is predicted"
              .formatted(decoderMask.spec(), method.label()));
    }
    keep = method.selects() ? keep : 1;
    method.masking(maskRatio, keep, decoderMask);
  }

  /** The official settings of a method. */
  public static Pretraining official(Method method) {
    return switch (method) {
      case EVEREST -> new Pretraining(method, 0.9, 0.3, null, true);
      case VIDEOMAE, ST_MAE -> new Pretraining(method, 0.9, 1, null, true);
      case VIDEOMAE_V2 -> new Pretraining(method, 0.9, 1, new RunningCellMask(0.5), true);
    };
  }

  /** The same, predicting pixels as they are. */
  public Pretraining withRawTargets() {
    return new Pretraining(method, maskRatio, keep, decoderMask, false);
  }

  @Override
  public TokenSelection selection() {
    return masking() instanceof SelectionMasking masking ? masking.selection() : null;
  }

  /** The masking rule. */
  public Masking masking() {
    return method.masking(maskRatio, keep, decoderMask);
  }
}
