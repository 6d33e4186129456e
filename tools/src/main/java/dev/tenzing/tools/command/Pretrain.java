package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.OptionValues;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.run.DataOptions;
import dev.tenzing.tools.run.FrameOptions;
import dev.tenzing.tools.run.HeadOptions;
import dev.tenzing.tools.run.MaskOptions;
import dev.tenzing.tools.run.PretrainRun;
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
    masks.settle(pretraining);
    FrameSelection selected = frames.over(null);
    if (selected != null && !pretraining.method().selects()) {
      throw new UsageException(
          "--frame-selection is for --method everest; %s has no selection to count by"
              .formatted(pretraining.method().label()));
    }
    try (Device device = common.openDevice();
        ModelFile file = checkpoint == null ? null : ModelFile.open(checkpoint, heads.hints())) {
      PretrainRun.Start start = file == null ? null : new PretrainRun.Start(file, partial);
      new PretrainRun(
              training.config(file, pretraining.method()),
              start,
              pretraining,
              selected,
              data,
              training,
              common.seed(),
              () -> OptionValues.of(spec))
          .run(device, console)
          .print(console);
    }
  }
}
