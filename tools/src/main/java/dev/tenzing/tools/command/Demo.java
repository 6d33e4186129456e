package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.OptionValues;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.run.DemoRun;
import dev.tenzing.tools.run.EvaluationRun;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tenzing demo}: the whole story in minutes, on a CPU, with nothing to download. */
@Command
public final class Demo extends ToolCommand {
  @Option(
      names = "--output",
      defaultValue = "tenzing-demo",
      paramLabel = "DIR",
      description = "folder of everything it makes (default: ${DEFAULT-VALUE})")
  private Path output;

  @Option(
      names = "--classes",
      defaultValue = "6",
      paramLabel = "N",
      description = "classes of the made videos (default: ${DEFAULT-VALUE})")
  private int classes;

  @Option(
      names = "--per-class",
      defaultValue = "40",
      paramLabel = "N",
      description = "videos of each class to train on (default: ${DEFAULT-VALUE})")
  private int perClass;

  @Option(
      names = "--val-per-class",
      defaultValue = "10",
      paramLabel = "N",
      description = "videos of each class to evaluate on (default: ${DEFAULT-VALUE})")
  private int valPerClass;

  @Option(
      names = "--pretrain-epochs",
      defaultValue = "40",
      paramLabel = "N",
      description = "passes of pre-training (default: ${DEFAULT-VALUE})")
  private int pretrainEpochs;

  @Option(
      names = "--finetune-epochs",
      defaultValue = "45",
      paramLabel = "N",
      description = "passes of fine-tuning (default: ${DEFAULT-VALUE})")
  private int finetuneEpochs;

  @Override
  protected void run(Console console) throws Exception {
    try (Device device = common.openDevice()) {
      DemoRun demo =
          new DemoRun(
              output,
              classes,
              perClass,
              valPerClass,
              pretrainEpochs,
              finetuneEpochs,
              common.seed(),
              OptionValues.of(new Object[] {common}));
      DemoRun.Outcome outcome = demo.run(device, console);
      console.print(outcome.evaluation().toLine());
      console.print("the whole story: " + outcome.report().toUri());
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("pretraining", outcome.pretraining());
      result.put("finetuning", outcome.finetuning());
      result.put("evaluation", EvaluationRun.toMap(outcome.evaluation()));
      result.put("chance", 1.0 / classes);
      result.put("report", outcome.report());
      console.result(result);
    }
  }
}
