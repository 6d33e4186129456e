package dev.tenzing.tools.run;

import dev.tenzing.everest.evaluation.EvaluationResult;
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

  /**
   * Writes {@code report.html} into a run folder.
   *
   * @param options what the run was asked to do
   * @param accuracy its evaluation, or null
   * @param classNames names of the classes; numbers stand in when unknown
   */
  public static void write(
      RunFolder run,
      String title,
      Map<String, Object> options,
      EvaluationResult accuracy,
      List<String> classNames)
      throws IOException {
    HtmlReport report = new HtmlReport(title, run.path().getFileName().toString());
    List<Map<String, Object>> lines = MetricsLog.read(run, damage -> {});
    if (!lines.isEmpty()) {
      Map<String, String> numbers = new LinkedHashMap<>();
      Map<String, Object> last = lines.getLast();
      numbers.put("steps", String.valueOf(last.get("step")));
      numbers.put("loss", String.format(Locale.ROOT, "%.4f", number(last, "loss")));
      numbers.put("clips/s", String.format(Locale.ROOT, "%.1f", number(last, "clips_per_s")));
      if (accuracy != null) {
        numbers.put("top-1", String.format(Locale.ROOT, "%.1f %%", 100 * accuracy.top1()));
        numbers.put("top-5", String.format(Locale.ROOT, "%.1f %%", 100 * accuracy.top5()));
      }
      report.numbers(numbers);
      curves(report, lines);
    }
    if (accuracy != null) {
      accuracy(report, accuracy, classNames);
    }
    report.section("Configuration").table(options);
    report.write(run.report());
  }

  /** One line for people. */
  public static String toLine(TrainingResult result) {
    return String.format(
        Locale.ROOT,
        "%d steps in %.0f s, loss %.4f, %.1f clips/s, waited %.1f ms a step for data, %d skipped:"
            + " %s",
        result.steps(),
        result.seconds(),
        result.loss(),
        result.clipsPerSecond(),
        result.dataWaitMs(),
        result.skipped(),
        result.checkpoint());
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
    report.section("Evaluation").text(EvaluationRun.toLine(accuracy)).confusion(names, counts);
  }

  static double[] column(List<Map<String, Object>> lines, String name) {
    return lines.stream().mapToDouble(line -> number(line, name)).toArray();
  }

  private static double number(Map<String, Object> line, String name) {
    return line.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
  }
}
