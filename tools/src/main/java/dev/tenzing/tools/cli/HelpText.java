package dev.tenzing.tools.cli;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * The help of a command: as wide as the terminal, 80 columns where there is none, and its options
 * under the {@link Heading} of the class that declares them, a command's own ones first.
 */
final class HelpText {
  private static final String OWN = "Options";

  private HelpText() {}

  /** Gives a command this help. */
  static void shape(CommandLine line) {
    line.setUsageHelpAutoWidth(true);
    line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_SYNOPSIS, HelpText::synopsis);
    line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpText::options);
  }

  /** Only the options that must be given: all of them are listed below. */
  private static String synopsis(Help help) {
    String required =
        help.commandSpec().options().stream()
            .filter(OptionSpec::required)
            .map(option -> option.longestName() + " " + option.paramLabel() + " ")
            .collect(Collectors.joining());
    return help.abbreviatedSynopsis().replace("[OPTIONS]", required + "[OPTIONS]");
  }

  private static String options(Help help) {
    List<OptionSpec> options = new ArrayList<>(help.commandSpec().options());
    options.sort(Comparator.comparingInt(OptionSpec::order));
    Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
    groups.put(OWN, new ArrayList<>());
    for (OptionSpec option : options) {
      groups.computeIfAbsent(heading(option), name -> new ArrayList<>()).add(option);
    }
    StringBuilder text = new StringBuilder();
    groups.forEach((name, group) -> {
      if (!group.isEmpty()) {
        text.append("\n%s:\n".formatted(name)).append(help.optionListExcludingGroups(group));
      }
    });
    return text.toString();
  }

  private static String heading(OptionSpec option) {
    Heading heading =
        option.userObject() instanceof Field field
            ? field.getDeclaringClass().getAnnotation(Heading.class)
            : null;
    return heading == null ? OWN : heading.value();
  }
}
