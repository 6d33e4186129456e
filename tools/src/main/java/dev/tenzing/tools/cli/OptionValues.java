package dev.tenzing.tools.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Options and configuration files are two spellings of one thing: the key {@code batch} of a file
 * is the option {@code --batch}. A file gives defaults, which the command line overrides, and the
 * values a command ran with can be written as such a file.
 */
public final class OptionValues implements IDefaultValueProvider {
  /** Options that say how to talk about a run, not what it computes. */
  private static final Set<String> ABOUT_TALKING =
      Set.of("--help", "--json", "--debug", "--config");

  private final YamlConfig config;
  private final Set<String> dropped = new HashSet<>();

  /**
   * Defaults from a file.
   *
   * @throws UsageException for a key that is no option of the command, naming the nearest one
   */
  OptionValues(YamlConfig config, CommandSpec command) {
    this.config = config;
    List<String> known =
        command.options().stream().filter(OptionValues::isSetting).map(OptionValues::key).toList();
    for (String key : config.entries().keySet()) {
      if (!known.contains(key)) {
        throw config.error(
            key, "is no option of " + command.name() + Spelling.suggestion(key, known));
      }
    }
  }

  /** Leaves out what stands in for what the command line gives: it wins. */
  OptionValues without(String key) {
    dropped.add(key);
    return this;
  }

  @Override
  public String defaultValue(ArgSpec argument) {
    YamlConfig.Entry entry = entry(argument);
    return entry == null ? null : String.join(",", entry.values());
  }

  /** Where the file gives this option, or null when it does not: {@code run.yaml line 3: }. */
  String place(ArgSpec argument) {
    YamlConfig.Entry entry = entry(argument);
    return entry == null ? null : config.file() + " line " + entry.line() + ": ";
  }

  private YamlConfig.Entry entry(ArgSpec argument) {
    return argument instanceof OptionSpec option
            && isSetting(option)
            && !dropped.contains(key(option))
        ? config.entries().get(key(option))
        : null;
  }

  /**
   * What a command was given or took by default, by key, to be written with {@link
   * YamlConfig#write}.
   */
  public static Map<String, Object> of(CommandSpec command) {
    return of(command, Map.of());
  }

  /** The same, with what a run settled on in place of what was given. */
  public static Map<String, Object> of(CommandSpec command, Map<String, Object> settled) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (OptionSpec option : command.options()) {
      Object value = settled.getOrDefault(key(option), option.getValue());
      if (isSetting(option) && value != null) {
        values.put(key(option), plain(value));
      }
    }
    return values;
  }

  /** The same of objects with annotated options, for runs that no command line asked for. */
  public static Map<String, Object> of(Object... groups) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (Object group : groups) {
      values.putAll(of(CommandSpec.forAnnotatedObject(group)));
    }
    return values;
  }

  private static Object plain(Object value) {
    return switch (value) {
      case Number number -> number;
      case Boolean flag -> flag;
      case Path path -> path.toString();
      case Object[] array -> Arrays.stream(array).map(OptionValues::plain).toList();
      case Collection<?> list -> list.stream().map(OptionValues::plain).toList();
      default -> value.toString();
    };
  }

  private static boolean isSetting(OptionSpec option) {
    return !ABOUT_TALKING.contains(option.longestName());
  }

  private static String key(OptionSpec option) {
    return option.longestName().substring(2);
  }
}
