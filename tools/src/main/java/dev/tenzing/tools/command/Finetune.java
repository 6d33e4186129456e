package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.OptionValues;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.run.DataOptions;
import dev.tenzing.tools.run.EvaluationRun;
import dev.tenzing.tools.run.FinetuneOptions;
import dev.tenzing.tools.run.FinetuneRun;
import dev.tenzing.tools.run.RunReport;
import dev.tenzing.tools.run.TrainingOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tenzing finetune}: supervised training, from a checkpoint or from scratch. */
@Command
public final class Finetune extends ToolCommand {
  @Mixin private DataOptions data;
  @Mixin private TrainingOptions training;
  @Mixin private FinetuneOptions finetune;

  @Override
  protected void run(Console console) throws Exception {
    try (Device device = common.openDevice()) {
      FinetuneRun.Outcome outcome =
          new FinetuneRun(finetune, data, training, common.seed(), OptionValues.of(spec))
              .run(device, console);
      console.print(RunReport.toLine(outcome.training()));
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("training", outcome.training());
      if (outcome.evaluation() != null) {
        console.print(EvaluationRun.toLine(outcome.evaluation()));
        all.put("evaluation", EvaluationRun.toMap(outcome.evaluation()));
      }
      console.result(all);
    }
  }
}
