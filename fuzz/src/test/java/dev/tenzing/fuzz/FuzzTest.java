package dev.tenzing.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No input, however damaged, ends a parser otherwise than in a result or in a sentence. Up to a
 * hundred inputs each, always the same ones; {@code scripts/fuzz} tries more.
 */
class FuzzTest {
  private static final long INPUTS = Long.getLong("fuzz.inputs", 100);

  static List<String> targets() {
    return Targets.ALL.stream().map(Target::name).toList();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void everyInputIsReadOrRefusedWithASentence(String name, @TempDir Path folder) throws Exception {
    Target target = Targets.named(name);
    long count = Math.max(1, INPUTS / target.cost());
    Fuzzer.Report report = new Fuzzer(target, 1, folder, Path.of("target/findings")).run(0, count);
    assertEquals(List.of(), List.copyOf(report.findings().values()));
  }
}
