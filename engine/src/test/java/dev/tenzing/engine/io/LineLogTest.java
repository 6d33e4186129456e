package dev.tenzing.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineLogTest {
  @TempDir private Path folder;
  private Path file;
  private final List<String> lines = new ArrayList<>();
  private final List<String> damage = new ArrayList<>();

  @BeforeEach
  void nameIt() {
    file = folder.resolve("log");
  }

  private void goOnWith(String line) throws IOException {
    lines.clear();
    damage.clear();
    try (LineLog log = LineLog.open(file)) {
      log.read(lines::add, damage::add);
      log.append(line, true);
    }
  }

  @Test
  void cutAnywhereItGoesOnWithWholeLines() throws IOException {
    byte[] whole = "première\nzweite 🎬 Zeile\nlast\n".getBytes(StandardCharsets.UTF_8);
    List<String> all = new String(whole, StandardCharsets.UTF_8).lines().toList();
    for (int length = 0; length <= whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      boolean torn = length > 0 && whole[length - 1] != '\n';
      int ends = 0;
      for (int i = 0; i < length; i++) {
        ends += whole[i] == '\n' ? 1 : 0;
      }
      goOnWith("next");
      assertEquals(all.subList(0, ends), lines);
      assertEquals(
          torn ? List.of(file + ": its last line was cut off and counts for nothing") : List.of(),
          damage);
      List<String> expected = new ArrayList<>(lines);
      expected.add("next");
      assertEquals(expected, Files.readAllLines(file));
    }
  }

  @Test
  void aLineThatIsNoTextIsPassedOver() throws IOException {
    Files.write(file, new byte[] {'a', '\n', (byte) 0xff, 'x', '\n', 'b', '\n'});
    goOnWith("c");
    assertEquals(List.of("a", "b"), lines);
    assertEquals(List.of(file + ": line 2 is damaged and left out"), damage);
    goOnWith("d");
    assertEquals(List.of("a", "b", "c"), lines);
  }

  @Test
  void aLineWithoutEndTakesNoMemory() throws IOException {
    byte[] line = new byte[3 << 20];
    Arrays.fill(line, (byte) 'x');
    line[2 << 20] = '\n';
    line[line.length - 1] = '\n';
    Files.write(file, line);
    goOnWith("next");
    assertEquals(1, damage.size());
    assertEquals(List.of((1 << 20) - 2), lines.stream().map(String::length).toList());
  }

  @Test
  void whatIsNotKeptGoesWithAllAfterIt() throws IOException {
    Files.writeString(file, "1\n2\n3\n1\nhalf");
    try (LineLog log = LineLog.open(file)) {
      log.read(line -> Integer.parseInt(line) < 3, damage::add);
      log.append("4", false);
    }
    assertEquals(List.of(), damage);
    assertEquals(List.of("1", "2", "4"), Files.readAllLines(file));
  }

  @Test
  void readingChangesNothing() throws IOException {
    Files.writeString(file, "1\nhalf");
    LineLog.read(file, lines::add, damage::add);
    assertEquals(List.of("1"), lines);
    assertEquals("1\nhalf", Files.readString(file));
  }

  @Test
  void onlyOneWritesIt() throws IOException {
    try (LineLog one = LineLog.open(file);
        LineLog other = LineLog.open(file)) {
      assertTrue(one.lock());
      assertFalse(other.lock());
    }
  }
}
