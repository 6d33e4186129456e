package dev.tenzing.fuzz;

import dev.tenzing.fuzz.Fuzzer.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A longer run than the test's: {@code [INPUTS] [TARGET[,TARGET]|all] [FIRST]}. */
final class FuzzRun {
  private FuzzRun() {}

  public static void main(String[] words) throws Exception {
    long inputs = words.length > 0 ? Long.parseLong(words[0]) : 100_000;
    List<String> names =
        words.length > 1 && !words[1].equals("all")
            ? List.of(words[1].split(","))
            : Targets.ALL.stream().map(Target::name).toList();
    long first = words.length > 2 ? Long.parseLong(words[2]) : 0;
    long findings = 0;
    System.out.printf(
        "%-24s %9s %9s %9s %9s %9s%n",
        "target", "inputs", "accepted", "refused", "findings", "inputs/s");
    for (String name : names) {
      Path folder = Files.createTempDirectory("tenzing-fuzz");
      try {
        Fuzzer fuzzer =
            new Fuzzer(
                Targets.named(name),
                Long.getLong("fuzz.seed", 1),
                folder,
                Path.of("target/findings"));
        Report report = fuzzer.run(first, inputs);
        System.out.printf(
            Locale.ROOT,
            "%-24s %,9d %,9d %,9d %,9d %,9.0f%n",
            report.target(),
            report.inputs(),
            report.accepted(),
            report.refused(),
            report.bad(),
            report.inputs() / report.seconds());
        report.findings().values().forEach(System.out::println);
        findings += report.bad();
      } finally {
        delete(folder);
      }
    }
    System.exit(findings == 0 ? 0 : 1);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
