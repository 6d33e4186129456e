package dev.tenzing.everest.masking;

import dev.tenzing.engine.Rng;

/**
 * A rule that masks tokens of a clip without looking at them. What the masked ones miss depends on
 * who uses it: see {@link DualMask}.
 *
 * <p>How many tokens a mask covers depends on the grid alone, never on the draw, so that the clips
 * of a batch stay equally long. Shares are truncated to whole tokens, as the official code does.
 */
public sealed interface TokenMask permits RandomMask, TubeMask, FrameMask, RunningCellMask {
  /** Share of the tokens that are masked, before truncation. */
  double ratio();

  /** Its name, such as {@code running-cell}. */
  String label();

  /** Tokens of a clip that are masked. */
  int masked(TokenGrid grid);

  /**
   * Draws the mask of one clip.
   *
   * @return a value a token, true = masked
   */
  boolean[] draw(TokenGrid grid, Rng.Stream random);

  /** How {@link #parse} reads it: {@code running-cell:0.5}. */
  default String spec() {
    return label() + ":" + ratio();
  }

  /**
   * The mask of a name and a ratio, such as {@code running-cell:0.5}.
   *
   * @throws IllegalArgumentException naming the masks there are, or saying what is wrong with the
   *     ratio
   */
  static TokenMask parse(String spec) {
    int colon = spec.indexOf(':');
    String label = colon < 0 ? spec : spec.substring(0, colon);
    double ratio;
    try {
      ratio = colon < 0 ? Double.NaN : Double.parseDouble(spec.substring(colon + 1));
    } catch (NumberFormatException e) {
      ratio = Double.NaN;
    }
    if (Double.isNaN(ratio)) {
      throw new IllegalArgumentException(
          "a mask is a name and a ratio, such as running-cell:0.5, got \"" + spec + "\"");
    }
    return switch (label) {
      case RandomMask.LABEL -> new RandomMask(ratio);
      case TubeMask.LABEL -> new TubeMask(ratio);
      case FrameMask.LABEL -> new FrameMask(ratio);
      case RunningCellMask.LABEL -> new RunningCellMask(ratio);
      default ->
          throw new IllegalArgumentException(
              "there is no mask \"%s\"; choose %s, %s, %s or %s"
                  .formatted(
                      label,
                      RunningCellMask.LABEL,
                      FrameMask.LABEL,
                      RandomMask.LABEL,
                      TubeMask.LABEL));
    };
  }
}
