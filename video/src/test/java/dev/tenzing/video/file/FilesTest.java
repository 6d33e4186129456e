package dev.tenzing.video.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesTest {
  @TempDir Path folder;

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aWholeFileTakesThePlaceOfTheOldOne() throws Exception {
    Path file = folder.resolve("a.csv");
    WholeFile.write(file, "one\n");
    WholeFile.write(file, "zwölf\n");
    assertEquals("zwölf\n", Files.readString(file));
    assertEquals(List.of("a.csv"), names());
  }

  @Test
  void whatFailsLeavesTheOldFileAndNothingElse() throws Exception {
    Path file = folder.resolve("a.mp4");
    WholeFile.write(file, "old");
    IOException full =
        assertThrows(
            IOException.class,
            () ->
                WholeFile.<RuntimeException>make(
                    file,
                    part -> {
                      assertTrue(part.toString().endsWith(".mp4"));
                      Files.writeString(part, "half");
                      throw new IOException(part + ": No space left on device");
                    }));
    assertEquals(file + ": cannot be written (No space left on device)", full.getMessage());
    assertThrows(
        IllegalStateException.class,
        () ->
            WholeFile.<RuntimeException>make(
                file,
                part -> {
                  throw new IllegalStateException("no");
                }));
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("a.mp4"), names());
    Path nowhere = folder.resolve("none/a.csv");
    IOException missing = assertThrows(IOException.class, () -> WholeFile.write(nowhere, "x"));
    assertEquals(nowhere + ": cannot be written (there is no such folder)", missing.getMessage());
  }

  /** Neither the file's own name nor one that can be foreseen is written through. */
  @Test
  void noLinkIsFollowed() throws Exception {
    Path victim = Files.writeString(folder.resolve("victim"), "dear");
    Path file = folder.resolve("a.csv");
    for (String planted : List.of("a.csv", ".part-a.csv", ".new-a.csv", ".a.csv.writing")) {
      Files.createSymbolicLink(folder.resolve(planted), victim);
    }
    WholeFile.write(file, "mine");
    Path log = Files.createSymbolicLink(folder.resolve("log.csv"), victim);
    IOException e = assertThrows(IOException.class, () -> LineLog.open(log).add("line"));
    assertTrue(e.getMessage().startsWith(log + ": cannot be written ("), e.getMessage());
    assertEquals("dear", Files.readString(victim));
    assertEquals("mine", Files.readString(file));
    assertFalse(Files.isSymbolicLink(file));
  }

  @Test
  void whatIsThereAlreadyIsNotWrittenAgain() throws Exception {
    Path file = folder.resolve("a.csv");
    WholeFile.update(file, "one\n");
    Object key = Files.readAttributes(file, "unix:ino").get("ino");
    WholeFile.update(file, "one\n");
    assertEquals(key, Files.readAttributes(file, "unix:ino").get("ino"));
    WholeFile.update(file, "two\n");
    assertEquals("two\n", Files.readString(file));
  }

  @Test
  void leftoversAreSwept() throws Exception {
    Files.createDirectories(folder.resolve("deep"));
    Files.writeString(folder.resolve("deep/.part-0123456789abcdef.mp4"), "half");
    Files.writeString(folder.resolve("deep/mine.part"), "whole");
    WholeFile.sweep(folder);
    WholeFile.sweep(folder.resolve("none"));
    try (Stream<Path> left = Files.list(folder.resolve("deep"))) {
      assertEquals(List.of(folder.resolve("deep/mine.part")), left.toList());
    }
  }

  /** Cut at every byte: no line is glued to half of another, and each whole one is read. */
  @Test
  void aTornLogIsContinued() throws Exception {
    Path file = folder.resolve("deep/log.csv");
    LineLog log = LineLog.open(file);
    log.add("köpfe,path", "\"ü\",1");
    log.add("動画,2");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length <= whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      Files.write(file, cut);
      LineLog again = LineLog.open(file);
      boolean torn = length > 0 && cut[length - 1] != '\n';
      assertEquals(torn ? 1 : 0, again.notes().size(), again.notes().toString());
      List<String> expected = new ArrayList<>(again.lines());
      assertEquals(
          new String(cut, StandardCharsets.ISO_8859_1).chars().filter(c -> c == '\n').count(),
          expected.size());
      again.add("new,3");
      expected.add("new,3");
      assertEquals(expected, Files.readAllLines(file));
    }
  }

  @Test
  void damagedLinesCountForNothing() throws Exception {
    Path file = folder.resolve("log.csv");
    Random random = new Random(3);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = "one,1\ntwo,2\nthree,3\n".getBytes(StandardCharsets.UTF_8);
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      Files.write(file, bytes);
      LineLog log = LineLog.open(file);
      log.add("four,4");
      List<String> lines = LineLog.open(file).lines();
      assertEquals("four,4", lines.getLast());
      assertTrue(lines.size() >= 2);
    }
    Files.write(file, new byte[] {'a', '\n', (byte) 0xC3, '\n', 'b', 0, '\n', 'c', '\n'});
    assertEquals(List.of("a", "c"), LineLog.open(file).lines());
    assertEquals(
        List.of(file + ": 2 lines are damaged and count for nothing"), LineLog.open(file).notes());
  }

  @Test
  void oneProcessAtATime() throws Exception {
    Path file = folder.resolve("log.csv");
    Files.writeString(file, "one\nhal");
    try (LineLog alone = LineLog.openAlone(file).orElseThrow()) {
      assertTrue(LineLog.openAlone(file).isEmpty());
      alone.add("two");
      assertEquals(List.of("one"), alone.lines());
    }
    assertEquals("one\ntwo\n", Files.readString(file));
    LineLog.openAlone(file).orElseThrow().close();
  }
}
