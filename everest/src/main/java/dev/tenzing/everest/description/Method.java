package dev.tenzing.everest.description;

import dev.tenzing.everest.masking.DualMask;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.RandomMask;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.SelectionMasking;
import dev.tenzing.everest.masking.TokenMask;
import dev.tenzing.everest.masking.TubeMask;
import dev.tenzing.everest.model.VitConfig;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How pre-training hides tokens. */
public enum Method {
  /** ReRo selection; see {@link ReRoSelection}. */
  EVEREST,
  /** A tube mask; see {@link TubeMask}. */
  VIDEOMAE,
  /** A random mask over space and time; see {@link RandomMask}. */
  ST_MAE,
  /** A tube mask for the encoder, running cells for the decoder; see {@link DualMask}. */
  VIDEOMAE_V2;

  /** The name on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The method of that name.
   *
   * @throws IllegalArgumentException naming the methods there are
   */
  public static Method named(String label) {
    for (Method method : values()) {
      if (method.label().equals(label)) {
        return method;
      }
    }
    throw new IllegalArgumentException(
        "there is no method \"%s\"; choose one of %s"
            .formatted(
                label,
                Arrays.stream(values()).map(Method::label).collect(Collectors.joining(", "))));
  }

  /**
   * The model of that name as this method's official code pre-trains it: EVEREST gives ViT-H a
   * wider decoder than VideoMAE does.
   *
   * @throws IllegalArgumentException naming the models there are
   */
  public VitConfig model(String name) {
    VitConfig config = VitConfig.named(name);
    return this == EVEREST && config.equals(VitConfig.HUGE)
        ? config.withDecoder(640, 4, 8)
        : config;
  }

  /** Whether tokens are chosen by what they show, not by a mask. */
  public boolean selects() {
    return this == EVEREST;
  }

  /**
   * The masking rule.
   *
   * @param maskRatio share of all tokens that the encoder does not see
   * @param keep share of tokens that a method that selects keeps
   * @param decoderMask what a method that masks leaves out of the decoder; null = what the encoder
   *     sees
   */
  Masking masking(double maskRatio, double keep, TokenMask decoderMask) {
    return switch (this) {
      case EVEREST -> new SelectionMasking(new ReRoSelection(1 - keep), maskRatio);
      case VIDEOMAE, VIDEOMAE_V2 -> new DualMask(new TubeMask(maskRatio), decoderMask);
      case ST_MAE -> new DualMask(new RandomMask(maskRatio), decoderMask);
    };
  }
}
