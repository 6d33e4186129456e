package dev.tenzing.tools.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlConfigTest {
  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("run.yaml"), text);
  }

  @Test
  void valuesKeepTheirTextAndLine() throws IOException {
    YamlConfig config =
        YamlConfig.read(
            file("# a run\nlr: 1.50e-4\n\nlist:\n  - a b\n  - 'c'\nempty:\nnone: null\n"));
    assertEquals(new YamlConfig.Entry(List.of("1.50e-4"), 2), config.entries().get("lr"));
    assertEquals(new YamlConfig.Entry(List.of("a b", "c"), 4), config.entries().get("list"));
    assertEquals(2, config.entries().size());
    assertEquals(
        config.file() + " line 2: lr must be positive",
        config.error("lr", "must be positive").getMessage());
  }

  @Test
  void anEmptyFileHasNoSettings() throws IOException {
    assertTrue(YamlConfig.read(file("")).entries().isEmpty());
    assertTrue(YamlConfig.read(file("# nothing\n")).entries().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "batch: 4\nlr: [1, 2",
        "batch: 4\n\tlr: 2",
        "batch: 4\nlr: {a: b}",
        "batch: 4\nbatch: 8",
        "batch: 4\n? [a]\n: b",
        "batch: 4\nlr: \"open",
        "a: &a [*a]",
        "--- 1\n--- 2",
        "just words",
        "- a\n- b",
        "\u0000",
        "a: \"\\u",
        "a: \"\\u\"",
      })
  void whatIsNotPlainSettingsIsOneSentence(String text) throws IOException {
    Path path = file(text);
    UsageException e = assertThrows(UsageException.class, () -> YamlConfig.read(path));
    assertTrue(e.getMessage().startsWith(path.toString()), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  @Test
  void bytesThatAreNotTextAreReported() throws IOException {
    Path path = folder.resolve("binary.yaml");
    Files.write(path, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    assertTrue(refusal(path).endsWith("is no text in UTF-8; save it as UTF-8"), refusal(path));
  }

  private static String refusal(Path path) {
    return assertThrows(UsageException.class, () -> YamlConfig.read(path)).getMessage();
  }

  /** Nodes are composed by recursion: 2,000 of them in each other took the whole stack. */
  @Test
  void depthNumberAndSizeAreBounded() throws IOException {
    assertTrue(refusal(file("a: " + "[".repeat(20_000))).contains("line 1: values are nested"));
    assertTrue(refusal(file("a: " + "{b: ".repeat(20_000))).contains("values are nested"));
    assertTrue(refusal(file("- ".repeat(3_000) + "a")).contains("values are nested"));
    assertTrue(refusal(file("a: [" + "b,".repeat(200_000) + "]")).contains("more than 100000"));
    assertTrue(refusal(file("a: &x 1\nb: *x")).contains("line 2: aliases such as *name"));
    assertTrue(refusal(file("# " + "x".repeat(1 << 20))).contains("more than 1024 KiB"));
  }
}
