package dev.tenzing.tools.run;

import dev.tenzing.everest.run.RunRecord;
import dev.tenzing.everest.run.RunResult;
import dev.tenzing.everest.task.classification.EvaluationResult;
import dev.tenzing.everest.training.MetricsLog;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.tools.report.HtmlReport;
import dev.tenzing.tools.report.SvgChart;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** The page that tells how a run went: curves, throughput, accuracy, configuration. */
public final class RunReport {
  private RunReport() {}

  /** Writes {@code report.html} into a run folder. */
  static void write(RunRecord record, RunResult came) throws IOException {
    TrainingResult result = came.training();
    EvaluationResult accuracy = came.evaluation();
    RunFolder run = record.folder();
    String name = String.valueOf(run.path().toAbsolutePath().normalize().getFileName());
    HtmlReport report =
        new HtmlReport(
            title(record),
            result.finished()
                ? name
                : name
                    + ", stopped at step "
                    + result.steps()
                    + " of "
                    + result.plannedSteps()
                    + "; the same command goes on");
    Map<String, String> numbers = new LinkedHashMap<>();
    numbers.put(
        "steps",
        result.finished()
            ? String.valueOf(result.steps())
            : result.steps() + " of " + result.plannedSteps());
    numbers.put("loss", String.format(Locale.ROOT, "%.4f", result.loss()));
    numbers.put("clips/s", String.format(Locale.ROOT, "%.1f", result.clipsPerSecond()));
    if (accuracy != null) {
      numbers.put("top-1", String.format(Locale.ROOT, "%.1f %%", 100 * accuracy.top1()));
      numbers.put("top-5", String.format(Locale.ROOT, "%.1f %%", 100 * accuracy.top5()));
    }
    report.numbers(numbers);
    List<Map<String, Object>> lines = MetricsLog.read(run, damage -> {});
    if (!lines.isEmpty()) {
      curves(report, lines);
    }
    if (accuracy != null) {
      accuracy(report, accuracy, record.classNames());
    }
    report.section("Configuration").table(record.options());
    report.section("What it came to").table(record.resolved());
    report.write(run.report());
  }

  private static String title(RunRecord record) {
    return switch (record.command()) {
      case "finetune" -> "Fine-tuning";
      case "distill" -> "Distillation";
      default -> "Pre-training with " + record.options().get("method");
    };
  }

  /** One line for people; what is not known is left out. */
  public static String toLine(TrainingResult result) {
    StringBuilder line = new StringBuilder();
    line.append(result.steps());
    if (!result.finished()) {
      line.append(" of ").append(result.plannedSteps());
    }
    line.append(" steps");
    add(line, " in %.0f s", result.seconds());
    add(line, ", loss %.4f", result.loss());
    add(line, ", %.1f clips/s", result.clipsPerSecond());
    add(line, ", waited %.1f ms a step for data", result.dataWaitMs());
    return line.append(", ")
        .append(result.skipped())
        .append(" skipped: ")
        .append(result.checkpoint())
        .toString();
  }

  private static void add(StringBuilder line, String format, double value) {
    if (Double.isFinite(value)) {
      line.append(String.format(Locale.ROOT, format, value));
    }
  }

  /** What {@code --json} prints of a training; what is not known is left out. */
  static Map<String, Object> toMap(TrainingResult result) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("steps", result.steps());
    map.put("planned_steps", result.plannedSteps());
    map.put("finished", result.finished());
    map.put("loss", result.loss());
    map.put("clips_per_second", result.clipsPerSecond());
    map.put("seconds", result.seconds());
    map.put("data_wait_ms", result.dataWaitMs());
    map.put("peak_memory_mib", result.peakMemoryMib());
    map.put("skipped", result.skipped());
    map.put("checkpoint", result.checkpoint());
    map.values().removeIf(value -> value instanceof Double number && !Double.isFinite(number));
    return map;
  }

  /** Adds the curves of logged metrics. */
  static void curves(HtmlReport report, List<Map<String, Object>> lines) {
    double[] steps = column(lines, "step");
    report.section("Curves");
    report.chart(
        new SvgChart("Loss", "step", "loss").series("training", steps, column(lines, "loss")));
    report.chart(
        new SvgChart("Learning rate", "step", "learning rate")
            .series("lr", steps, column(lines, "lr")));
    report.chart(
        new SvgChart("Gradient norm", "step", "norm")
            .series("norm", steps, column(lines, "grad_norm")));
    report.chart(
        new SvgChart("Throughput", "step", "clips/s")
            .series("clips/s", steps, column(lines, "clips_per_s")));
  }

  /** Adds an evaluation. */
  static void accuracy(HtmlReport report, EvaluationResult accuracy, List<String> classNames) {
    int classes = accuracy.confusion().length;
    List<String> names =
        classNames.size() == classes
            ? classNames
            : IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    long[][] counts = new long[classes][classes];
    for (int i = 0; i < classes; i++) {
      for (int j = 0; j < classes; j++) {
        counts[i][j] = accuracy.confusion()[i][j];
      }
    }
    report.section("Evaluation").text(accuracy.toLine()).confusion(names, counts);
  }

  static double[] column(List<Map<String, Object>> lines, String name) {
    return lines.stream().mapToDouble(line -> number(line, name)).toArray();
  }

  private static double number(Map<String, Object> line, String name) {
    return line.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
