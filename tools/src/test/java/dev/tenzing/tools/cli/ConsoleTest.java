package dev.tenzing.tools.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Console console(boolean json, boolean terminal) {
    return new Console(new PrintStream(out), new PrintStream(err), json, terminal);
  }

  @Test
  void peopleReadStdoutAndNoJson() {
    try (Console console = console(false, false)) {
      console.print("text");
      console.note("note");
      console.result(Map.of("a", 1));
    }
    assertEquals("text\n", out.toString());
    assertEquals("note\n", err.toString());
  }

  @Test
  void jsonHasStdoutForItself() {
    try (Console console = console(true, false)) {
      console.print("text");
      console.result(List.of(Map.of("pass", true)));
    }
    assertEquals("[{\"pass\":true}]\n", out.toString());
    assertEquals("text\n", err.toString());
  }

  @Test
  void jsonIsThereEvenWithoutAResult() {
    console(true, false).close();
    assertEquals("{}\n", out.toString());
  }

  @Test
  void aFailureAfterTheResultKeepsIt() {
    Console console = console(true, false);
    console.result(Map.of("pass", false));
    Errors.report(new FailureException("1 of 2 differs"), console, new PrintStream(err), false);
    assertEquals("{\"pass\":false}\n", out.toString());
    assertEquals("tenzing: 1 of 2 differs\n", err.toString());
  }

  @Test
  void aSecondResultIsAMistake() {
    Console console = console(false, false);
    console.result(1);
    assertThrows(IllegalStateException.class, () -> console.result(2));
  }

  record Speed(double medianMs, float clipsPerS, double lossMin, Path file, List<Double> rest) {}

  @Test
  void jsonOfRecords() {
    Speed speed = new Speed(1.5, 2, Double.NaN, Path.of("a b"), List.of(1 / 0d));
    assertEquals(
        "{\"median_ms\":1.5,\"clips_per_s\":2.0,\"loss_min\":null,\"file\":\"a"
            + " b\",\"rest\":[null]}",
        Json.write(speed));
    assertThrows(IllegalArgumentException.class, () -> Json.read("{\"a\": }"));
  }

  @Test
  void linesDoNotMixWithProgressOnATerminal() {
    Console console = console(false, true);
    long[] nanos = {0};
    try (Progress progress = console.progress("pretrain", 6, () -> nanos[0])) {
      for (int step = 1; step <= 5; step++) {
        nanos[0] = step * 1_000_000_000L;
        progress.update(step, step, 0, "");
      }
      console.note("note");
      progress.update(6, 6, 0, "");
    }
    String clear = "\r\u001b[K";
    assertEquals(
        clear
            + "pretrain 1/6"
            + clear
            + "pretrain 2/6"
            + clear
            + "pretrain 3/6"
            + clear
            + "pretrain 4/6  1.0 clips/s  2 s left"
            + clear
            + "pretrain 5/6  1.0 clips/s  1 s left"
            + clear
            + "note\npretrain 6/6  1.5 clips/s  in 5 s\n",
        err.toString());
  }
}
