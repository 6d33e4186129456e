package dev.tenzing.everest.recipe;

import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TubeMask;
import java.util.Locale;

/** How pre-training hides tokens. */
public enum Method {
  /** ReRo selection; see {@link ReRoSelection}. */
  EVEREST,
  /** Tube masks; see {@link TubeMask}. */
  VIDEOMAE;

  /** The name on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
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
        "there is no method \"" + label + "\"; choose everest or videomae");
  }

  /**
   * The masking rule.
   *
   * @param maskRatio share of all tokens that the encoder does not see
   * @param keep share of tokens that EVEREST keeps
   */
  public Masking masking(double maskRatio, double keep) {
    return switch (this) {
      case EVEREST -> new ReRoSelection(1 - keep, maskRatio);
      case VIDEOMAE -> new TubeMask(maskRatio);
    };
  }
}
