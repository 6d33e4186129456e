package dev.tenzing.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir private Path folder;

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  /** What a channel does on a full disk, by the system's own hand. */
  private static void fillTheDisk(FileChannel out) throws IOException {
    out.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    try (FileChannel full = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE)) {
      full.write(ByteBuffer.wrap(new byte[] {1}));
    }
  }

  private static String failure(Path path, AtomicFile.Content content) {
    return assertThrows(CannotWriteException.class, () -> AtomicFile.write(path, content))
        .getMessage();
  }

  @Test
  void aFileIsThereWholeAndReplacesTheOldOne() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.write(file, "old");
    AtomicFile.write(file, "new é");
    assertEquals("new é", Files.readString(file));
    assertEquals(List.of("a.txt"), names(folder));
  }

  @Test
  void aFullDiskLeavesTheOldFileAndNothingElse() throws IOException {
    assumeTrue(Files.exists(Path.of("/dev/full")));
    Path file = folder.resolve("a.txt");
    AtomicFile.write(file, "old");
    assertEquals(
        "cannot write " + file + ": the disk is full", failure(file, AtomicFileTest::fillTheDisk));
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("a.txt"), names(folder));
    Path fresh = folder.resolve("b.txt");
    assertTrue(failure(fresh, AtomicFileTest::fillTheDisk).startsWith("cannot write " + fresh));
    assertEquals(List.of("a.txt"), names(folder));
  }

  @Test
  void whatTheContentFindsOutIsToldAsItIs() throws IOException {
    final class BadInput extends IOException {
      private static final long serialVersionUID = 1;
    }
    BadInput bad = new BadInput();
    assertSame(
        bad,
        assertThrows(
            BadInput.class,
            () ->
                AtomicFile.write(
                    folder.resolve("a"),
                    out -> {
                      throw bad;
                    })));
    IllegalStateException mistake = new IllegalStateException();
    assertSame(
        mistake,
        assertThrows(
            IllegalStateException.class,
            () ->
                AtomicFile.write(
                    folder.resolve("a"),
                    out -> {
                      throw mistake;
                    })));
    Path source = folder.resolve("elsewhere/source");
    String message = failure(folder.resolve("elsewhere2/a").resolveSibling("a"), out -> {});
    assertTrue(message.endsWith("there is no folder " + folder.resolve("elsewhere2")), message);
    Files.createDirectory(folder.resolve("to"));
    String read = failure(folder.resolve("to/a"), out -> Files.newByteChannel(source));
    assertTrue(read.endsWith("to/a: " + source + ": no such file or folder"), read);
    assertEquals(List.of("to"), names(folder));
    assertEquals(List.of(), names(folder.resolve("to")));
  }

  @Test
  void plantedLinksAreNotFollowed() throws IOException {
    Path victim = folder.resolve("victim");
    Files.writeString(victim, "precious");
    Path file = folder.resolve("a.txt");
    Files.createSymbolicLink(folder.resolve(".a.txt.writing"), victim);
    Files.createSymbolicLink(file, victim);
    AtomicFile.write(file, "new");
    assertEquals("precious", Files.readString(victim));
    assertFalse(Files.isSymbolicLink(file), "the link itself is replaced");
    assertEquals("new", Files.readString(file));
    Path log = folder.resolve("log");
    Files.createSymbolicLink(log, victim);
    assertThrows(CannotWriteException.class, () -> LineLog.open(log));
    assertEquals("precious", Files.readString(victim));
  }

  @Test
  void theNameIsAnotherEachTime() throws IOException {
    List<String> seen = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      AtomicFile.write(folder.resolve("a"), out -> seen.addAll(names(folder)));
    }
    assertEquals(3, seen.stream().filter(name -> !name.equals("a")).distinct().count());
  }

  @Test
  void namesMayBeAsLongAsTheSystemAllows() throws IOException {
    for (String letter : List.of("x", "é", "🎬")) {
      int bytes = letter.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
      Path file = folder.resolve(letter.repeat(255 / bytes));
      AtomicFile.write(file, "long");
      assertEquals("long", Files.readString(file));
    }
  }

  @Test
  void permissionsAreThoseOfAnyNewFile() throws IOException {
    assumeTrue(FileSystems.getDefault().supportedFileAttributeViews().contains("posix"));
    Path plain = Files.writeString(folder.resolve("plain"), "");
    Path ours = folder.resolve("ours");
    AtomicFile.write(ours, "");
    Set<PosixFilePermission> usual = Files.getPosixFilePermissions(plain);
    assertEquals(usual, Files.getPosixFilePermissions(ours));
  }

  @Test
  void folderInItsPlaceIsNamed() throws IOException {
    Path file = Files.createDirectory(folder.resolve("a"));
    assertEquals("cannot write " + file + ": it is a folder", failure(file, out -> {}));
    assertEquals(List.of("a"), names(folder));
  }

  @Test
  void foldersThatCannotBeCreatedAreNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    for (Path impossible : List.of(file, file.resolve("below"))) {
      String message =
          assertThrows(CannotWriteException.class, () -> AtomicFolder.create(impossible))
              .getMessage();
      assertTrue(message.startsWith("cannot create the folder " + impossible), message);
      assertTrue(message.contains("file"), message);
    }
    assumeTrue(Files.isDirectory(Path.of("/proc/self")));
    assertEquals(
        "cannot create the folder /proc/x: the system allows no new files there",
        assertThrows(CannotWriteException.class, () -> AtomicFolder.create(Path.of("/proc/x")))
            .getMessage());
  }

  @Test
  void aFolderIsThereWholeOrNotAtAll() throws IOException {
    Path target = folder.resolve("step-1");
    CannotWriteException full =
        assertThrows(
            CannotWriteException.class,
            () ->
                AtomicFolder.write(
                    target,
                    writing -> {
                      AtomicFile.write(writing.resolve("a"), "a");
                      throw new IOException("No space left on device");
                    }));
    assertEquals("cannot write " + target + ": the disk is full", full.getMessage());
    assertEquals(List.of(), names(folder));
    AtomicFolder.write(target, writing -> AtomicFile.write(writing.resolve("a"), "a"));
    assertEquals(List.of("a"), names(target));
    String again =
        assertThrows(CannotWriteException.class, () -> AtomicFolder.write(target, writing -> {}))
            .getMessage();
    assertEquals("cannot write " + target + ": already exists", again);
    assertEquals(List.of("step-1"), names(folder));
  }

  @Test
  void leftoversOfKilledProcessesGoAndNothingElse() throws IOException {
    Path victim = Files.createDirectory(folder.resolve("victim"));
    Files.writeString(victim.resolve("precious"), "");
    String random = "0123456789abcdef";
    Files.writeString(folder.resolve(".a.npy." + random + ".writing"), "half");
    Files.createSymbolicLink(
        folder.resolve(".a.npy." + random.replace('0', '1') + ".writing"), victim);
    Files.createDirectories(folder.resolve(".a.npy." + random.replace('0', '2') + ".writing/b"));
    Files.writeString(folder.resolve(".a.npy.mine.writing"), "");
    Files.writeString(folder.resolve(".b.npy." + random + ".writing"), "");
    AtomicFile.deleteLeftovers(folder.resolve("a.npy"));
    assertEquals(
        List.of(".a.npy.mine.writing", ".b.npy." + random + ".writing", "victim"), names(folder));
    assertTrue(Files.exists(victim.resolve("precious"), LinkOption.NOFOLLOW_LINKS));
  }
}
