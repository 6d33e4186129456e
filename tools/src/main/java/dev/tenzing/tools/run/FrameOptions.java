package dev.tenzing.tools.run;

import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.tools.cli.Heading;
import dev.tenzing.tools.cli.UsageException;
import java.util.Map;
import java.util.Stack;
import java.util.regex.Pattern;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Whether frames are selected. */
@Heading("Choice of frames")
public final class FrameOptions {
  private static final String DEFAULT = "1.5";
  private static final String OFF = "off";

  /** Candidates for each frame. */
  @Option(
      names = "--frame-selection",
      arity = "0..1",
      fallbackValue = DEFAULT,
      preprocessor = OnlyValues.class,
      paramLabel = "ALPHA|off",
      description = {
        "everest: read ALPHA x as many frames and draw those with most kept tokens",
        "(" + DEFAULT + " without a value; default: the checkpoint's own, else off)"
      })
  public String frameSelection;

  /** Leaves a word behind the option that is no value of it to the command: a video. */
  static final class OnlyValues implements IParameterPreprocessor {
    private static final Pattern VALUE = Pattern.compile(OFF + "|[-+.\\d].*");

    @Override
    public boolean preprocess(
        Stack<String> words, CommandSpec command, ArgSpec option, Map<String, Object> info) {
      if (!words.isEmpty() && !VALUE.matcher(words.peek()).matches()) {
        words.push(DEFAULT);
      }
      return false;
    }
  }

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
          "--frame-selection takes a factor such as 1.5, or off, not " + frameSelection);
    }
    return new FrameSelection(alpha);
  }
}
