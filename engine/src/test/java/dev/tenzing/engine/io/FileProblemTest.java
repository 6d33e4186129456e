package dev.tenzing.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.UnmappableCharacterException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FileProblemTest {
  @TempDir private Path folder;

  static Stream<Arguments> problems() {
    return Stream.of(
        Arguments.of(new IOException("No space left on device"), "the disk is full"),
        Arguments.of(
            new FileSystemException("f", null, "Read-only file system"),
            "f: the file system is read-only"),
        Arguments.of(
            new FileSystemException("f", null, "Too many open files in system"),
            "f: too many files are open; ulimit -n allows more"),
        Arguments.of(new FileSystemException("f"), "f: the system does not say why"),
        Arguments.of(new FileNotFoundException("a (b) (Is a directory)"), "a (b): it is a folder"),
        Arguments.of(new FileNotFoundException("the words of a program"), "the words of a program"),
        Arguments.of(new MalformedInputException(1), "not text in UTF-8"),
        Arguments.of(
            new UnmappableCharacterException(1), "holds letters that its encoding does not have"),
        Arguments.of(new ClosedByInterruptException(), "it was closed while in use"),
        Arguments.of(new IOException(), "the system does not say why"),
        Arguments.of(
            CannotWriteException.file(Path.of("f"), new IOException("Disk quota exceeded")),
            "cannot write f: the disk quota is used up"),
        Arguments.of(new IOException("words of a program\nand more"), "words of a program"));
  }

  @ParameterizedTest
  @MethodSource("problems")
  void everyoneOfThemHasWords(IOException problem, String sentence) {
    assertEquals(sentence, FileProblem.sentence(problem));
  }

  @Test
  void whatTheSystemReallySaysIsNamedWithItsFile() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertSentence(folder.resolve("gone"), "no such file or folder");
    assertSentence(file.resolve("below"), "a part of the path is a file, not a folder");
    assertSentence(folder.resolve("x".repeat(300)), "the name is too long");
    Path link = Files.createSymbolicLink(folder.resolve("a"), folder.resolve("b"));
    Files.createSymbolicLink(folder.resolve("b"), link);
    assertSentence(link, "it is a link");
    IOException old =
        assertThrows(IOException.class, () -> new FileInputStream(folder.toFile()).close());
    assertEquals(folder + ": it is a folder", FileProblem.sentence(old));
  }

  private static void assertSentence(Path file, String reason) {
    IOException problem = assertThrows(IOException.class, () -> Files.readAllBytes(file));
    String sentence = FileProblem.sentence(problem);
    assertTrue(sentence.startsWith(file + ": " + reason), sentence);
    assertFalse(sentence.contains("Exception"), sentence);
  }
}
