package dev.tenzing.tools.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.ShapeException;
import dev.tenzing.video.list.VideoListException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnmappableCharacterException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ErrorsTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int report(Throwable error, boolean json, boolean debug) {
    PrintStream stderr = new PrintStream(err, true, StandardCharsets.UTF_8);
    Console console = new Console(new PrintStream(out), stderr, json, false);
    return Errors.report(error, console, stderr, debug);
  }

  static Stream<Arguments> errors() {
    return Stream.of(
        Arguments.of(new UsageException("no"), 2, "no"),
        Arguments.of(new FailureException("broken"), 1, "broken"),
        Arguments.of(new VideoListException("list.csv:3: no label"), 2, "list.csv:3: no label"),
        Arguments.of(new ShapeException("linear: sizes\ndiffer"), 2, "linear: sizes differ"),
        Arguments.of(new IOException("disk full"), 1, "disk full"),
        Arguments.of(new NoSuchFileException("a.csv"), 1, "a.csv: no such file or folder"),
        Arguments.of(
            new UncheckedIOException(new NoSuchFileException("b")), 1, "b: no such file or folder"),
        Arguments.of(new IOException("No space left on device"), 1, "the disk is full"),
        Arguments.of(
            new FileSystemException("a", null, "Too many open files"),
            1,
            "a: too many files are open; ulimit -n allows more"),
        Arguments.of(new FileSystemException("a"), 1, "a: the system does not say why"),
        Arguments.of(new FileNotFoundException("a (Is a directory)"), 1, "a: it is a folder"),
        Arguments.of(new MalformedInputException(1), 1, "not text in UTF-8"),
        Arguments.of(
            new UncheckedIOException(new UnmappableCharacterException(1)),
            1,
            "holds letters that its encoding does not have"),
        Arguments.of(new ClosedByInterruptException(), 1, "it was closed while in use"),
        Arguments.of(
            new InvalidPathException("a\0b", "Nul character not allowed"),
            2,
            "\"a?b\" is no path: it holds a zero character"),
        Arguments.of(
            new InvalidPathException("é", "Malformed input or input contains unmappable"),
            2,
            "\"é\" is no path that this locale can write; LC_ALL=C.UTF-8 allows all letters"),
        Arguments.of(new StackOverflowError(), 1, "the input is nested too deeply to be read"),
        Arguments.of(
            new OutOfMemoryError("unable to create native thread: possibly out of memory"),
            1,
            "the system allows no more threads; --threads takes fewer, ulimit -u allows more"),
        Arguments.of(
            new OutOfMemoryError("Cannot reserve 8 bytes of direct buffer memory (allocated: 1)"),
            1,
            "the memory outside of the Java heap is used up; a smaller batch needs less"),
        Arguments.of(
            new ExecutionException(new CompletionException(new IOException("gone"))), 1, "gone"),
        Arguments.of(
            new ExecutionException(new IOException(new IOException("a.mp4: no room"))),
            1,
            "a.mp4: no room"),
        Arguments.of(
            new RuntimeException(new UsageException("no such option")), 2, "no such option"),
        Arguments.of(new IllegalArgumentException("bad crop 0 x 0"), 2, "bad crop 0 x 0"),
        Arguments.of(
            new NumberFormatException("x"),
            1,
            "unexpected java.lang.NumberFormatException: x (--debug shows where)"),
        Arguments.of(
            new NullPointerException(),
            1,
            "unexpected java.lang.NullPointerException (--debug shows where)"),
        Arguments.of(
            new IllegalArgumentException(),
            1,
            "unexpected java.lang.IllegalArgumentException (--debug shows where)"),
        Arguments.of(
            new EOFException(), 1, "unexpected java.io.EOFException (--debug shows where)"));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void anErrorIsACodeAndASentence(Throwable error, int code, String sentence) {
    assertEquals(code, report(error, false, false));
    assertEquals("tenzing: " + sentence + "\n", err.toString());
    assertEquals("", out.toString());
  }

  /** Names out of files may hold anything; a terminal obeys some of it. */
  @Test
  void whatASentenceQuotesNeitherMovesTheCursorNorHidesTheEnd() {
    String hostile = "\u001b[2J\r\n\u0007\u202e\u0085".repeat(9) + "x".repeat(100_000);
    report(new UsageException("a.csv line 3: \"" + hostile + "\" is no path"), false, false);
    String printed = err.toString(StandardCharsets.UTF_8);
    assertTrue(
        printed.startsWith("tenzing: a.csv line 3: \"\ufffd[2J  \ufffd\ufffd\ufffd"), printed);
    assertTrue(printed.endsWith("xxx\" is no path\n"), printed);
    assertTrue(printed.length() < 1100, () -> printed.length() + " letters");
    assertTrue(printed.strip().chars().noneMatch(Character::isISOControl), printed);
  }

  @Test
  void aFullHeapNamesTheOption() {
    assertEquals(1, report(new OutOfMemoryError("Java heap space"), false, false));
    assertTrue(err.toString().contains("TENZING_JAVA_OPTS=-Xmx8g"), err.toString());
    assertEquals(1, err.toString().lines().count());
  }

  @Test
  void onlyDebugShowsTheTrace() {
    report(new FailureException("broken", new IOException("why")), false, true);
    assertTrue(err.toString().contains("Caused by: java.io.IOException: why"));
    err.reset();
    report(new FailureException("broken", new IOException("why")), false, false);
    assertFalse(err.toString().contains("Caused by"));
  }

  @Test
  void jsonHasTheErrorUnlessItHasAResult() {
    report(new FailureException("broken"), true, false);
    assertEquals("{\"error\":\"broken\"}\n", out.toString());
  }
}
