package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.ModelDescription;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.recipe.Method;
import dev.tenzing.everest.recipe.Pretraining;
import dev.tenzing.everest.training.PretrainTask;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.Trainer;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.OptionValues;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.YamlConfig;
import dev.tenzing.tools.run.DataOptions;
import dev.tenzing.tools.run.RunReport;
import dev.tenzing.tools.run.TrainingOptions;
import dev.tenzing.tools.run.TrainingSession;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.SkipLog;
import java.nio.file.Files;
import java.util.List;
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
    data.check();
    training.check();
    VitConfig config =
        VitConfig.named(training.model == null ? VitConfig.SMALL.name() : training.model);
    ClipShape clip = ClipShape.square(data.frames, data.size);
    Pretraining pretraining = new Pretraining(Method.named(method), maskRatio, keep, !rawTargets);
    pretraining.masking().check(clip.grid(config));
    VideoList list = data.list(VideoList.Labels.OPTIONAL, 0);
    Trainer.Settings settings =
        training.settings(list.videos().size(), Hyper.pretraining(), 1, common.seed());
    RunFolder run = new RunFolder(training.output);
    Files.createDirectories(run.path());
    YamlConfig.write(run.config(), "tenzing pretrain", OptionValues.of(spec));
    ModelDescription description =
        new ModelDescription(config, clip, data.stride, pretraining, null, List.of());
    SkipLog skips = new SkipLog(run.skipped());
    try (Device device = common.openDevice();
        MaskedAutoencoder model =
            new MaskedAutoencoder(
                config, clip, device, Rng.seed(common.seed()), training.recompute)) {
      PretrainTask task = new PretrainTask(model, description, settings.hyper(), device);
      ClipPolicy policy = ClipPolicy.pretraining(data.frames, data.stride, data.size);
      TrainingResult result =
          new TrainingSession("pretrain", device, list, policy, data, training, settings, skips)
              .run(task, clip, console);
      RunReport.write(
          run, "Pre-training with " + method, OptionValues.of(spec), null, list.classNames());
      console.print(
          "%d steps, loss %.4f, %.1f clips/s, %d skipped: %s"
              .formatted(
                  result.steps(),
                  result.loss(),
                  result.clipsPerSecond(),
                  result.skipped(),
                  result.checkpoint()));
      console.result(result);
    }
  }
}
