package dev.tenzing.video.stream;

import java.util.Locale;

/** How a frame becomes a square. */
public enum Fit {
  /**
   * The whole frame is scaled to the square, whatever its proportions: nothing at the sides is
   * lost. VideoMAE V2 extracts features for temporal action detection so.
   */
  STRETCH,
  /** The shorter side is scaled to the square's and the middle cut out, as a test view is. */
  CROP;

  /** The name for users. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
