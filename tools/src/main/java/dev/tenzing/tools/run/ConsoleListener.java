package dev.tenzing.tools.run;

import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.run.RunListener;
import dev.tenzing.everest.run.RunRecord;
import dev.tenzing.everest.run.RunResult;
import dev.tenzing.everest.run.RunStart;
import dev.tenzing.everest.run.StopRequest;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Progress;
import dev.tenzing.tools.cli.Signals;
import dev.tenzing.tools.cli.YamlConfig;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Tells a run on the console, ends it on a signal, and writes its configuration and its report. */
public final class ConsoleListener implements RunListener {
  private static final String NOT_BEGUN =
      "stopped before the first step; nothing of the run was changed";

  private final Console console;
  private final UnaryOperator<Map<String, Object>> options;
  private final StopRequest stop = new StopRequest();
  private Progress progress;
  private long first;
  private long clipsPerStep;

  /** A listener of an evaluation. */
  public ConsoleListener(Console console) {
    this(console, UnaryOperator.identity());
  }

  private ConsoleListener(Console console, UnaryOperator<Map<String, Object>> options) {
    this.console = console;
    this.options = options;
  }

  /**
   * A listener of a run, which is not begun yet.
   *
   * @param options all options of the command, from those that its recipe settled
   */
  public static ConsoleListener ofRun(Console console, UnaryOperator<Map<String, Object>> options) {
    Signals.atOnce(NOT_BEGUN);
    return new ConsoleListener(console, options);
  }

  @Override
  public void note(String sentence) {
    console.note(sentence);
  }

  @Override
  public Map<String, Object> settings(Map<String, Object> settled) {
    return options.apply(settled);
  }

  @Override
  public void begins(RunRecord record, RunStart start) throws IOException {
    Budget budget = record.settings().budget();
    first = start.checkpoint().map(saved -> saved.step()).orElse(0L);
    clipsPerStep = (long) budget.totalBatch() * record.views();
    progress = console.progress(record.command(), budget.steps());
    Map<String, Object> all = new LinkedHashMap<>(record.options());
    all.put(YamlConfig.RESOLVED, record.resolved());
    YamlConfig.write(record.folder().config(), "tenzing " + record.command(), all);
    Signals.graceful(stop);
  }

  @Override
  public void stepped(long step, long steps, double loss, double clipsPerSecond, int skipped) {
    progress
        .rate(clipsPerSecond)
        .update(
            step,
            (step - first) * clipsPerStep,
            skipped,
            String.format(Locale.ROOT, "loss %.4f", loss));
  }

  @Override
  public boolean stops() {
    return stop.asked();
  }

  @Override
  public void ends() {
    closeProgress();
    Signals.graceful(null);
    Signals.atOnce("stopped after the last step, which is saved; the same command goes on");
  }

  @Override
  public void came(RunRecord record, RunResult result) throws IOException {
    RunReport.write(record, result);
  }

  @Override
  public void evaluates(int videos) {
    progress = console.progress("evaluate", videos);
  }

  @Override
  public void evaluated(int videos, int clips, int skipped, double top1SoFar) {
    progress.update(
        videos, clips, skipped, String.format(Locale.ROOT, "top-1 %.1f %%", 100 * top1SoFar));
  }

  @Override
  public void evaluationEnds() {
    closeProgress();
  }

  private void closeProgress() {
    if (progress != null) {
      progress.close();
      progress = null;
    }
  }
}
