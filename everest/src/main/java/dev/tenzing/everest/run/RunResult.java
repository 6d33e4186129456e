package dev.tenzing.everest.run;

import dev.tenzing.engine.io.AtomicFile;
import dev.tenzing.engine.io.Json;
import dev.tenzing.everest.task.classification.EvaluationResult;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.TrainingResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run came to, kept in its folder as {@code result.json} so that it can be told again.
 *
 * @param training the training
 * @param evaluation the accuracy; null when nothing was evaluated
 */
public record RunResult(TrainingResult training, EvaluationResult evaluation) {
  private static Path file(RunFolder run) {
    return run.path().resolve("result.json");
  }

  /** Writes it into a run folder. */
  public void write(RunFolder run) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("steps", training.steps());
    all.put("planned_steps", training.plannedSteps());
    all.put("loss", training.loss());
    all.put("clips_per_second", training.clipsPerSecond());
    all.put("seconds", training.seconds());
    all.put("data_wait_ms", training.dataWaitMs());
    all.put("peak_memory_mib", training.peakMemoryMib());
    all.put("skipped", training.skipped());
    if (evaluation != null) {
      Map<String, Object> accuracy = new LinkedHashMap<>();
      accuracy.put("videos", evaluation.videos());
      accuracy.put("skipped", evaluation.skipped());
      accuracy.put("top1", evaluation.top1());
      accuracy.put("top5", evaluation.top5());
      accuracy.put("loss", evaluation.loss());
      accuracy.put("confusion", rows(evaluation.confusion()));
      accuracy.put("protocol", evaluation.protocol());
      all.put("evaluation", accuracy);
    }
    all.values().removeIf(value -> value instanceof Double number && !Double.isFinite(number));
    byte[] text = (Json.write(all) + "\n").getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(file(run), out -> out.write(ByteBuffer.wrap(text)));
  }

  private static List<List<Integer>> rows(int[][] matrix) {
    return java.util.Arrays.stream(matrix)
        .map(row -> java.util.Arrays.stream(row).boxed().toList())
        .toList();
  }

  /**
   * Reads that of a run folder.
   *
   * @param steps steps of the run: the result of fewer or more is not its
   * @param checkpoint its last checkpoint
   * @return empty when it is not there, damaged, or that of another number of steps
   */
  public static Optional<RunResult> read(RunFolder run, long steps, Path checkpoint) {
    try {
      Map<String, Object> all = Json.parseObject(Files.readString(file(run)));
      if (number(all, "steps") != steps) {
        return Optional.empty();
      }
      TrainingResult training =
          new TrainingResult(
              steps,
              (long) number(all, "planned_steps"),
              number(all, "loss"),
              number(all, "clips_per_second"),
              number(all, "seconds"),
              number(all, "data_wait_ms"),
              number(all, "peak_memory_mib"),
              (int) number(all, "skipped"),
              checkpoint);
      EvaluationResult evaluation =
          all.get("evaluation") instanceof Map<?, ?> map ? evaluation(map) : null;
      return Optional.of(new RunResult(training, evaluation));
    } catch (IOException | IllegalArgumentException | ClassCastException e) {
      return Optional.empty();
    }
  }

  private static int count(Object value) {
    if (value instanceof Number number) {
      return number.intValue();
    }
    throw new IllegalArgumentException("no number");
  }

  private static List<?> list(Object value) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw new IllegalArgumentException("no list");
  }

  private static EvaluationResult evaluation(Map<?, ?> map) {
    List<?> rows = list(map.get("confusion"));
    int[][] confusion = new int[rows.size()][];
    for (int i = 0; i < confusion.length; i++) {
      confusion[i] = list(rows.get(i)).stream().mapToInt(RunResult::count).toArray();
      if (confusion[i].length != confusion.length) {
        throw new IllegalArgumentException("a row of other classes");
      }
    }
    return new EvaluationResult(
        (int) number(map, "videos"),
        (int) number(map, "skipped"),
        number(map, "top1"),
        number(map, "top5"),
        number(map, "loss"),
        confusion,
        String.valueOf(map.get("protocol")));
  }

  private static double number(Map<?, ?> map, String key) {
    if (map.get(key) instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalArgumentException(key + " is missing");
  }
}
