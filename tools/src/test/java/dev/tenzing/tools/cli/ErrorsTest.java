package dev.tenzing.tools.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.ShapeException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
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
    PrintStream stderr = new PrintStream(err);
    Console console = new Console(new PrintStream(out), stderr, json, false);
    return Errors.report(error, console, stderr, debug);
  }

  static Stream<Arguments> errors() {
    return Stream.of(
        Arguments.of(new UsageException("no"), 2, "no"),
        Arguments.of(new FailureException("broken"), 1, "broken"),
        Arguments.of(new ShapeException("linear: sizes\ndiffer"), 2, "linear: sizes"),
        Arguments.of(new IOException("disk full"), 1, "disk full"),
        Arguments.of(new NoSuchFileException("a.csv"), 1, "a.csv: no such file or folder"),
        Arguments.of(
            new UncheckedIOException(new NoSuchFileException("b")), 1, "b: no such file or folder"),
        Arguments.of(
            new ExecutionException(new CompletionException(new IOException("gone"))), 1, "gone"),
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
