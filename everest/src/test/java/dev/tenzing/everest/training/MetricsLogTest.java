package dev.tenzing.everest.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  @TempDir private Path folder;
  private final List<String> damage = new ArrayList<>();
  private RunFolder run;

  @BeforeEach
  void openRun() {
    run = new RunFolder(folder.resolve("run"));
  }

  private static Metrics metrics(long step) {
    return new Metrics(step, step / 7.0, 0.123456789, 1.5e-4, 2.25, 12.34567, 0.98765, 70.06);
  }

  private void write(long resumed, long... steps) throws IOException {
    try (MetricsLog log = new MetricsLog(run, resumed, damage::add)) {
      for (long step : steps) {
        log.write(metrics(step));
      }
    }
  }

  private List<Long> steps() throws IOException {
    return MetricsLog.read(run, damage::add).stream()
        .map(line -> ((Number) line.get("step")).longValue())
        .toList();
  }

  @Test
  void aLineHoldsTheFiguresRoundedToWhatTheyMean() throws IOException {
    write(0, 10);
    Map<String, Object> line = MetricsLog.read(run, damage::add).getFirst();
    assertEquals(
        List.of(
            "step",
            "epoch",
            "loss",
            "lr",
            "grad_norm",
            "clips_per_s",
            "data_wait_ms",
            "memory_mib"),
        line.keySet().stream().limit(8).toList());
    double[] values = line.values().stream().mapToDouble(v -> ((Number) v).doubleValue()).toArray();
    double[] expected = {10, 1.4286, 0.123456789, 1.5e-4, 2.25, 12.346, 0.988, 70.1};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], values[i], 1e-12, "value " + i);
    }
  }

  @Test
  void aResumedRunDropsWhatCameAfterItsCheckpoint() throws IOException {
    write(0, 10, 20, 30);
    // Killed while it wrote a line.
    Files.writeString(run.metrics(), "{\"step\": 4", StandardOpenOption.APPEND);
    write(20, 30, 40);
    assertEquals(List.of(10L, 20L, 30L, 40L), steps());
  }

  @Test
  void aRunFromTheStartKeepsNothing() throws IOException {
    write(0, 10, 20);
    write(0, 5);
    assertEquals(List.of(5L), steps());
  }

  @Test
  void tensorBoardGetsEveryFigureUnderTrain() throws IOException {
    write(0, 10);
    try (Stream<Path> files = Files.list(run.tensorBoard())) {
      Path events = files.findFirst().orElseThrow();
      assertTrue(
          events
              .getFileName()
              .toString()
              .matches("events\\.out\\.tfevents\\.[0-9]{10}\\.tenzing\\.0"),
          events::toString);
      String bytes = new String(Files.readAllBytes(events), StandardCharsets.ISO_8859_1);
      for (String name :
          List.of(
              "epoch", "loss", "lr", "grad_norm", "clips_per_s", "data_wait_ms", "memory_mib")) {
        assertTrue(bytes.contains("train/" + name), name);
      }
    }
  }
}
