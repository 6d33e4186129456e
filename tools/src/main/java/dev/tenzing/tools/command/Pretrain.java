package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.recipe.PretrainRecipe;
import dev.tenzing.everest.recipe.Start;
import dev.tenzing.everest.run.PretrainRun;
import dev.tenzing.everest.run.RunOutcome;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.OptionValues;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.run.ConsoleListener;
import dev.tenzing.tools.run.DataOptions;
import dev.tenzing.tools.run.FrameOptions;
import dev.tenzing.tools.run.HeadOptions;
import dev.tenzing.tools.run.MaskOptions;
import dev.tenzing.tools.run.RunOutput;
import dev.tenzing.tools.run.TrainingOptions;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tenzing pretrain}: masked pre-training. */
@Command
public final class Pretrain extends ToolCommand {
  @Mixin private DataOptions data;
  @Mixin private TrainingOptions training;

  @Mixin private MaskOptions masks;
  @Mixin private FrameOptions frames;

  @Option(
      names = "--method",
      defaultValue = "everest",
      description = "everest, videomae, st-mae or videomae-v2 (default: ${DEFAULT-VALUE})")
  private String method;

  @Option(
      names = "--raw-targets",
      description = "predict pixels as they are, not normalised per patch")
  private boolean rawTargets;

  @Option(
      names = "--checkpoint",
      paramLabel = "CKPT",
      description =
          "pre-trained run or checkpoint of any format to start from (default: from scratch)")
  private Path checkpoint;

  @Mixin private HeadOptions heads;

  @Option(
      names = "--partial",
      description = "load what fits of a checkpoint when not all of it does")
  private boolean partial;

  @Override
  protected void run(Console console) throws Exception {
    Pretraining official = Pretraining.official(Method.named(method));
    Pretraining pretraining = masks.over(rawTargets ? official.withRawTargets() : official);
    PretrainRecipe recipe =
        new PretrainRecipe(
            pretraining,
            frames.over(null),
            new Start(checkpoint, heads.hints(), partial),
            data.recipe(),
            training.model(),
            training.length(),
            training.optimisation(null),
            training.saving(),
            common.seed());
    try (Device device = common.openDevice()) {
      RunOutcome outcome =
          new PretrainRun(recipe, DataOptions::read)
              .run(
                  device,
                  ConsoleListener.ofRun(console, settled -> OptionValues.of(spec, settled)));
      new RunOutput(outcome).print(console);
    }
  }
}
