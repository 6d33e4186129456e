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
    assertThrows(IOException.class, () -> YamlConfig.read(path));
  }
}
