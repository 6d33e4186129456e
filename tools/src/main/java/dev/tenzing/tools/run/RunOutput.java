package dev.tenzing.tools.run;

import dev.tenzing.everest.run.RunOutcome;
import dev.tenzing.everest.run.RunRecord;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Signals;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a command prints of a run.
 *
 * @param outcome what the run came to
 */
public record RunOutput(RunOutcome outcome) {
  /** From this share of the loss of chance on, nothing to speak of has been learned. */
  private static final double CHANCE = 0.95;

  /** Prints it, and ends the command where the run was stopped. */
  public void print(Console console) {
    RunRecord record = outcome.record();
    TrainingResult training = outcome.training();
    console.print(RunReport.toLine(training));
    if (Files.exists(record.folder().report())) {
      console.print("report: " + record.folder().report());
    }
    Map<String, Object> all = new LinkedHashMap<>();
    if (record.command().equals("pretrain")) {
      all.putAll(RunReport.toMap(training));
    } else {
      all.put("training", RunReport.toMap(training));
      if (outcome.evaluation() != null) {
        console.print(outcome.evaluation().toLine());
        all.put("evaluation", EvaluationRun.toMap(outcome.evaluation()));
      }
      chance(console);
    }
    all.put("data", record.data());
    all.put("report", record.folder().report());
    console.result(all);
    endIfStopped();
  }

  /** Ends the command as one that was stopped, if it was. */
  public void endIfStopped() {
    TrainingResult result = outcome.training();
    if (!result.finished()) {
      throw Signals.stopped(
          "after step %s of %s, which is saved in %s; the same command goes on from there"
              .formatted(
                  String.valueOf(result.steps()),
                  String.valueOf(result.plannedSteps()),
                  result.checkpoint()));
    }
  }

  private void chance(Console console) {
    RunRecord record = outcome.record();
    TrainingResult training = outcome.training();
    if (record.command().equals("finetune")
        && record.options().get("classes") instanceof Integer classes
        && classes > 1
        && training.finished()
        && training.loss() > CHANCE * Math.log(classes)) {
      console.note(
          String.format(
              Locale.ROOT,
              "the loss is still about ln %d = %.2f, that of chance: nothing was learned yet; try"
                  + " a larger --lr (now %.3g), --init-scale 1, --layer-decay 1, --drop-path 0"
                  + " or more steps (docs/running.md, small sets)",
              classes,
              Math.log(classes),
              record.settings().hyper().lr()));
    }
  }
}
