package dev.tenzing.everest.training;

import dev.tenzing.engine.io.Json;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code metrics.jsonl} and the TensorBoard events of a run. A resumed run drops the lines after
 * the checkpoint it continues from.
 */
final class MetricsLog implements Closeable {
  private final Writer lines;
  private final EventFile events;

  MetricsLog(RunFolder run, long resumedStep) throws IOException {
    Files.createDirectories(run.path());
    List<String> kept = new ArrayList<>();
    if (resumedStep > 0 && Files.exists(run.metrics())) {
      for (String line : Files.readAllLines(run.metrics())) {
        if (isUpTo(line, resumedStep)) {
          kept.add(line);
        }
      }
    }
    Files.write(run.metrics(), kept);
    lines = Files.newBufferedWriter(run.metrics(), StandardOpenOption.APPEND);
    events = new EventFile(run.tensorBoard(), resumedStep);
  }

  // A kill can leave half a line at the end; it is dropped with what follows the checkpoint.
  private static boolean isUpTo(String line, long step) {
    try {
      return Json.parse(line) instanceof Map<?, ?> map
          && map.get("step") instanceof Number at
          && at.longValue() <= step;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  void write(Metrics metrics) throws IOException {
    Map<String, Object> map = metrics.toMap();
    lines.write(Json.write(map) + "\n");
    lines.flush();
    Map<String, Double> scalars = new LinkedHashMap<>();
    map.forEach((name, value) -> {
      if (!name.equals("step")) {
        scalars.put("train/" + name, ((Number) value).doubleValue());
      }
    });
    events.scalars(metrics.step(), scalars);
  }

  @Override
  public void close() throws IOException {
    lines.close();
    events.close();
  }
}
