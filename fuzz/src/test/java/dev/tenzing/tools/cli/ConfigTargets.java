package dev.tenzing.tools.cli;

import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.Mutation;
import dev.tenzing.fuzz.Target;
import dev.tenzing.fuzz.Target.Attack;
import dev.tenzing.fuzz.TextMutation;
import dev.tenzing.tools.command.Finetune;
import dev.tenzing.tools.command.Pretrain;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Configuration files. */
public final class ConfigTargets {
  /** Damage to YAML. */
  public static final Mutation YAML =
      Mutation.anyOf(
          TextMutation.with(
              "&a",
              "*a",
              "<<:",
              "!!int",
              "!!python/object",
              "- ",
              "[",
              "{",
              ": ",
              "|",
              ">",
              "%YAML 1.2",
              "---",
              "...",
              "? ",
              "&a [*a]",
              "batch",
              "method",
              "everest",
              "data",
              "steps",
              "'",
              "\"",
              "- - - ",
              "~",
              "null",
              "yes"),
          ByteMutation.with("[", "{", "- ", "&a ", "*a", "\n", ": ", "!", "\"\\x", "\u0085", "#"));

  private ConfigTargets() {}

  /** The targets. */
  public static List<Target> all() {
    return List.of(
        new Target("yaml", 1, ConfigTargets::yaml), new Target("config", 5, ConfigTargets::config));
  }

  private static List<byte[]> seeds() {
    return Stream.of(
            "# what a run was asked to do\ndata: a/list.csv\noutput: runs/a\nmethod: everest\n"
                + "batch: 8\nlr: 1.5e-4\nsteps: 100\nmirror: false\n",
            "data: 'x: y'\noutput: \"a\\tb\"\nsteps: 3\nkeep: 0.3\n",
            "data: [list.csv]\noutput: run\n\nepochs: 2\nsize: 32 # small\n")
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  /** Settings that were read are read again from where they were written. */
  private static Attack yaml(Path folder) {
    Path copy = folder.resolve("copy.yaml");
    return Attack.onFile(
            folder.resolve("a.yaml"),
            seeds(),
            YAML,
            file -> {
              Map<String, List<String>> settings = new LinkedHashMap<>();
              YamlConfig.read(file)
                  .entries()
                  .forEach((key, entry) -> settings.put(key, entry.values()));
              YamlConfig.write(copy, "a copy", settings);
              Map<String, List<String>> again = new LinkedHashMap<>();
              YamlConfig.read(copy)
                  .entries()
                  .forEach((key, entry) -> again.put(key, entry.values()));
              if (!again.equals(settings)) {
                throw new AssertionError(
                    "written and read again: %s, not %s".formatted(again, settings));
              }
            })
        .allowing(16 << 20);
  }

  private static Attack config(Path folder) {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    return Attack.onFile(
            folder.resolve("a.yaml"),
            Stream.of(
                    "data: list.csv\n"
                        + "output: run\n"
                        + "steps: 3\n"
                        + "batch: 8\n"
                        + "size: 32\n"
                        + "keep: 0.3\n"
                        + "seed: 7\n",
                    "data: list.csv\noutput: run\nepochs: 3\nlr: 1.5e-4\ntemporal-jitter: true\n")
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList(),
            YAML,
            file -> {
              List<String> words = List.of("--config", file.toString());
              Pretrain pretrain = new Pretrain();
              new Parser(pretrain, "pretrain", "trains").parse(words, nowhere);
              OptionValues.of(pretrain.spec);
              new Parser(new Finetune(), "finetune", "trains").parse(words, nowhere);
            })
        .allowing(32 << 20)
        .unnamed();
  }
}
