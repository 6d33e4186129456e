package dev.tenzing.tools.run;

import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.tools.cli.UsageException;
import picocli.CommandLine.Option;

/** Whether frames are selected. */
public final class FrameOptions {
  private static final String OFF = "off";

  /** Candidates for each frame. */
  @Option(
      names = "--frame-selection",
      arity = "0..1",
      fallbackValue = "1.5",
      paramLabel = "ALPHA|off",
      description = {
        "everest: read ALPHA x as many frames and draw those with most kept tokens",
        "(1.5 without a value; default: as the checkpoint tests, else off)"
      })
  public String frameSelection;

  /**
   * The given choice in place of another, which stays where nothing is given.
   *
   * @return null for none
   */
  public FrameSelection over(FrameSelection otherwise) {
    if (frameSelection == null) {
      return otherwise;
    }
    if (frameSelection.equals(OFF)) {
      return null;
    }
    double alpha;
    try {
      alpha = Double.parseDouble(frameSelection);
    } catch (NumberFormatException e) {
      throw new UsageException(
          "--frame-selection takes a factor such as 1.5, or off, not %s; write a word that follows it before it"
              .formatted(frameSelection));
    }
    return new FrameSelection(alpha);
  }
}
