package dev.tenzing.everest.training;

import dev.tenzing.engine.io.AtomicFolder;
import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.LineLog;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * {@code metrics.jsonl} and the TensorBoard events of a run. A resumed run drops the lines after
 * the checkpoint it continues from.
 */
public final class MetricsLog implements Closeable {
  private final LineLog lines;
  private final EventFile events;

  /**
   * Opens those of a run.
   *
   * @param damage told, in a sentence each, of lines that are damaged
   */
  MetricsLog(RunFolder run, long resumedStep, Consumer<String> damage) throws IOException {
    AtomicFolder.create(run.path());
    lines = LineLog.open(run.metrics());
    try {
      boolean anew = resumedStep == 0;
      lines.read(line -> !anew && !isAfter(line, resumedStep), anew ? sentence -> {} : damage);
      events = new EventFile(run.tensorBoard(), resumedStep);
    } catch (IOException | RuntimeException e) {
      lines.close();
      throw e;
    }
  }

  private static boolean isAfter(String line, long step) {
    Map<String, Object> map = parse(line);
    return map != null && map.get("step") instanceof Number at && at.longValue() > step;
  }

  private static Map<String, Object> parse(String line) {
    try {
      return Json.parseObject(line);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /**
   * The logged metrics of a run, in order; empty when nothing was logged. It may be going on.
   *
   * @param damage told, in a sentence each, of lines that are left out because they are damaged
   */
  public static List<Map<String, Object>> read(RunFolder run, Consumer<String> damage)
      throws IOException {
    List<Map<String, Object>> all = new ArrayList<>();
    if (Files.exists(run.metrics())) {
      LineLog.read(
          run.metrics(),
          line -> {
            Map<String, Object> metrics = parse(line);
            if (metrics != null && metrics.get("step") instanceof Number) {
              all.add(metrics);
            } else {
              damage.accept(run.metrics() + ": a line is damaged and left out");
            }
          },
          damage);
    }
    return all;
  }

  void write(Metrics metrics) throws IOException {
    Map<String, Object> map = metrics.toMap();
    lines.append(Json.write(map), false);
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
    try (lines) {
      events.close();
    }
  }
}
