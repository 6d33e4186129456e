package dev.tenzing.tools.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Parses the options of one command, from its configuration file and the command line. */
public final class Parser {
  private final CommandLine line;
  private final String name;

  /** A parser that fills the annotated fields of {@code command}. */
  public Parser(ToolCommand command, String name, String summary) {
    this.name = name;
    this.line =
        new CommandLine(command)
            .setCommandName("tenzing " + name)
            .setExpandAtFiles(false)
            .setAllowOptionsAsOptionParameters(false)
            .setCaseInsensitiveEnumValuesAllowed(true);
    HelpText.shape(line);
    line.getCommandSpec().usageMessage().description(summary).sortOptions(false);
  }

  /**
   * Fills the command.
   *
   * @return whether to run it; false when it was asked for help, which went to {@code out}
   * @throws UsageException for words it does not understand, or a bad configuration file
   * @throws IOException when the configuration file cannot be read
   */
  public boolean parse(List<String> words, PrintStream out) throws IOException {
    OptionValues defaults = null;
    try {
      Path config = configFile(words);
      if (config != null) {
        defaults = new OptionValues(YamlConfig.read(config), line.getCommandSpec());
        line.setDefaultValueProvider(given(words, defaults));
      }
      // Only descriptions have variables: values of a file are what they are.
      line.setInterpolateVariables(false);
      line.parseArgs(words.toArray(String[]::new));
    } catch (ParameterException e) {
      throw new UsageException(sentence(e, defaults));
    }
    if (line.isUsageHelpRequested()) {
      line.setInterpolateVariables(true);
      line.usage(out);
    }
    return !line.isUsageHelpRequested();
  }

  /** A length on the command line takes the place of that in the file, which says it otherwise. */
  private static OptionValues given(List<String> words, OptionValues defaults) {
    for (List<String> pair : List.of(List.of("steps", "epochs"), List.of("epochs", "steps"))) {
      String option = "--" + pair.getFirst();
      if (words.stream().anyMatch(word -> word.equals(option) || word.startsWith(option + "="))) {
        defaults.without(pair.getLast());
      }
    }
    return defaults;
  }

  private static Path configFile(List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      if (words.get(i).startsWith("--config=")) {
        return Path.of(words.get(i).substring("--config=".length()));
      }
      if (words.get(i).equals("--config") && i + 1 < words.size()) {
        return Path.of(words.get(i + 1));
      }
    }
    return null;
  }

  private String sentence(ParameterException e, OptionValues defaults) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      String word = unmatched.getUnmatched().getFirst();
      if (!word.startsWith("-")) {
        return name + " does not take the argument " + word;
      }
      String option = word.replaceFirst("=.*", "");
      List<String> known =
          line.getCommandSpec().options().stream().map(spec -> spec.longestName()).toList();
      String hint = Spelling.suggestion(option, known);
      return name
          + " has no option "
          + option
          + (hint.isEmpty() ? "; tenzing " + name + " --help lists them" : hint);
    }
    String message = e.getMessage().lines().findFirst().orElse("");
    if (e instanceof MissingParameterException missing && !missing.getMissing().isEmpty()) {
      List<String> options =
          missing.getMissing().stream().map(argument -> label(argument)).toList();
      message = name + " needs " + String.join(" and ", options);
    }
    ArgSpec argument = e.getArgSpec();
    String place = defaults == null || argument == null ? null : defaults.place(argument);
    return place == null ? message : place + message;
  }

  private static String label(ArgSpec argument) {
    return argument instanceof CommandLine.Model.OptionSpec option
        ? option.longestName() + " " + option.paramLabel()
        : argument.paramLabel();
  }
}
