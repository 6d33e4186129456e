package dev.tenzing.tools.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private long millis;

  private Progress progress(long total, boolean terminal) {
    PrintStream stderr = new PrintStream(err);
    Console console = new Console(stderr, stderr, false, terminal);
    return console.progress("pretrain", total, () -> millis * 1_000_000);
  }

  private List<String> lines() {
    return err.toString().lines().toList();
  }

  @Test
  void aFileGetsALineEveryFewSecondsAndTheLastState() {
    try (Progress progress = progress(100, false)) {
      for (int step = 1; step <= 100; step++) {
        millis += 200;
        progress.update(step, 4L * step, step > 50 ? 2 : 0, "loss 0.5");
      }
    }
    assertEquals(
        List.of(
            "pretrain 25/100  20.0 clips/s  loss 0.5  15 s left",
            "pretrain 50/100  20.0 clips/s  loss 0.5  10 s left",
            "pretrain 75/100  20.0 clips/s  loss 0.5  skipped 2  5 s left",
            "pretrain 100/100  20.0 clips/s  loss 0.5  skipped 2  in 20 s"),
        lines());
  }

  @Test
  void aTerminalSeesOneLineRewritten() {
    try (Progress progress = progress(3, true)) {
      millis = 1000;
      progress.update(1, 2, 0, "");
      progress.update(2, 4, 0, "");
      millis = 2000;
      progress.update(3, 6, 0, "");
    }
    String clear = "\r\u001b[K";
    assertEquals(
        clear
            + "pretrain 1/3"
            + clear
            + "pretrain 3/3  3.0 clips/s  in 2 s"
            + clear
            + "pretrain 3/3  3.0 clips/s  in 2 s\n",
        err.toString());
  }

  @Test
  void aResumedRunCountsOnlyItsOwnSteps() {
    Progress progress = progress(100, false);
    for (int step = 51; step <= 60; step++) {
      millis += 1000;
      progress.update(step, step - 50, 0, "");
    }
    assertEquals("pretrain 60/100  1.0 clips/s  40 s left", lines().getLast());
  }

  @Test
  void nothingFollowsFromTheFirstSteps() {
    Progress progress = progress(100, false);
    for (int step = 1; step <= 13; step++) {
      millis += step <= 3 ? 20_000 : 1000; // Code is compiled, and no clip is there yet.
      progress.update(step, 2L * step, 0, "");
    }
    assertEquals("pretrain 3/100", lines().get(2));
    assertEquals("pretrain 13/100  2.0 clips/s  1 min 27 s left", lines().getLast());
    progress.rate(1.5).update(14, 28, 0, "");
    progress.close();
    assertEquals("pretrain 14/100  1.5 clips/s", lines().getLast().replaceAll("  \\d+ min.*", ""));
  }

  @Test
  void shortAndUnmeasuredWorkIsTold() {
    try (Progress progress = progress(0, false)) {
      progress.update(1, 0, 0, "");
    }
    assertEquals(List.of("pretrain 1"), lines());
    progress(5, false).close();
    assertEquals(1, lines().size());
  }

  @Test
  void durationsForPeople() {
    assertEquals("59 s", Progress.duration(Duration.ofSeconds(59)));
    assertEquals("3 min 20 s", Progress.duration(Duration.ofSeconds(200)));
    assertEquals("2 h 05 min", Progress.duration(Duration.ofMinutes(125)));
  }
}
