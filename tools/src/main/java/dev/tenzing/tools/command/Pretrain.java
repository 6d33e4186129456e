package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Method;
import dev.tenzing.everest.recipe.Pretraining;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.OptionValues;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.run.DataOptions;
import dev.tenzing.tools.run.PretrainRun;
import dev.tenzing.tools.run.RunReport;
import dev.tenzing.tools.run.TrainingOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tenzing pretrain}: masked pre-training. */
@Command
public final class Pretrain extends ToolCommand {
  @Mixin private DataOptions data;
  @Mixin private TrainingOptions training;

  @Option(
      names = "--method",
      defaultValue = "everest",
      description = "everest or videomae (default: ${DEFAULT-VALUE})")
  private String method;

  @Option(
      names = "--mask-ratio",
      defaultValue = "0.9",
      description = "share of tokens the encoder does not see (default: ${DEFAULT-VALUE})")
  private double maskRatio;

  @Option(
      names = "--keep",
      defaultValue = "0.3",
      description = "share of tokens EVEREST keeps (default: ${DEFAULT-VALUE})")
  private double keep;

  @Option(
      names = "--raw-targets",
      description = "predict pixels as they are, not normalised per patch")
  private boolean rawTargets;

  @Override
  protected void run(Console console) throws Exception {
    VitConfig config =
        VitConfig.named(training.model == null ? VitConfig.SMALL.name() : training.model);
    Pretraining pretraining = new Pretraining(Method.named(method), maskRatio, keep, !rawTargets);
    try (Device device = common.openDevice()) {
      TrainingResult result =
          new PretrainRun(config, pretraining, data, training, common.seed(), OptionValues.of(spec))
              .run(device, console);
      console.print(RunReport.toLine(result));
      console.result(result);
    }
  }
}
