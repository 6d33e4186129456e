package dev.tenzing.tools.command;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.ModelDescription;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.evaluation.EvaluationResult;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.training.FinetuneTask;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.Trainer;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.OptionValues;
import dev.tenzing.tools.cli.ToolCommand;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.cli.YamlConfig;
import dev.tenzing.tools.run.DataOptions;
import dev.tenzing.tools.run.EvaluationRun;
import dev.tenzing.tools.run.RunReport;
import dev.tenzing.tools.run.TrainingOptions;
import dev.tenzing.tools.run.TrainingSession;
import dev.tenzing.tools.run.Views;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.SkipLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tenzing finetune}: supervised training, from a checkpoint or from scratch. */
@Command
public final class Finetune extends ToolCommand {
  /** How clips are cropped in training. */
  enum Crop {
    /** Multi-scale crops that keep most of the picture; for small data sets. */
    MULTI_SCALE,
    /** Random resized crops of 8 to 100 % of the area, as the official script. */
    RESIZED
  }

  @Mixin private DataOptions data;
  @Mixin private TrainingOptions training;

  @Option(
      names = "--checkpoint",
      paramLabel = "CKPT",
      description = "pre-trained run, checkpoint or model file (default: from scratch)")
  private Path checkpoint;

  @Option(names = "--val", paramLabel = "LIST", description = "list to evaluate on at the end")
  private Path val;

  @Option(
      names = "--classes",
      defaultValue = "0",
      paramLabel = "N",
      description = "number of classes (default: from the list)")
  private int classes;

  @Option(
      names = "--keep",
      defaultValue = "1",
      description = "share of tokens kept by ReRo selection; EVEREST uses 0.6 (default: all)")
  private double keep;

  @Option(
      names = "--drop-path",
      defaultValue = "0.1",
      description = "stochastic depth rate of the last block (default: ${DEFAULT-VALUE})")
  private double dropPath;

  @Option(
      names = "--layer-decay",
      description =
          "factor of the learning rate from layer to layer downwards (default: 0.75 from a"
              + " checkpoint, 1 from scratch)")
  private Double layerDecay;

  @Option(
      names = "--smoothing",
      defaultValue = "0.1",
      description = "label smoothing (default: ${DEFAULT-VALUE})")
  private double smoothing;

  @Option(
      names = "--init-scale",
      defaultValue = "0.001",
      description = "factor of the head's initial weights (default: ${DEFAULT-VALUE})")
  private double initScale;

  @Option(
      names = "--crop",
      defaultValue = "multi_scale",
      description = "multi_scale or resized (default: ${DEFAULT-VALUE})")
  private Crop crop;

  @Option(names = "--no-mirror", description = "never mirror clips: where left and right matter")
  private boolean noMirror;

  @Option(
      names = "--views",
      defaultValue = "5x3",
      description = "views of the evaluation, segments x crops (default: ${DEFAULT-VALUE})")
  private String views;

  @Option(names = "--allow-skips", description = "evaluate although some videos cannot be read")
  private boolean allowSkips;

  @Override
  protected void run(Console console) throws Exception {
    data.check();
    training.check();
    Views testViews = Views.parse(views);
    try (ModelFile pretrained = checkpoint == null ? null : ModelFile.open(checkpoint)) {
      VitConfig config = config(pretrained);
      ClipShape clip = ClipShape.square(data.frames, data.size);
      clip.grid(config);
      VideoList list = data.list(VideoList.Labels.REQUIRED, classes);
      VideoList valList =
          val == null
              ? null
              : VideoList.read(val, data.dataRoot, VideoList.Labels.REQUIRED, list.classes());
      VideoClassifier.Options options =
          new VideoClassifier.Options(
              list.classes(),
              keep >= 1 ? null : new ReRoSelection(1 - keep, 0),
              true,
              false,
              dropPath,
              initScale);
      double decay = layerDecay == null ? (pretrained == null ? 1 : 0.75) : layerDecay;
      Trainer.Settings settings =
          training.settings(list.videos().size(), Hyper.finetuning(), decay, common.seed());
      RunFolder run = new RunFolder(training.output);
      Files.createDirectories(run.path());
      YamlConfig.write(run.config(), "tenzing finetune", OptionValues.of(spec));
      ModelDescription description =
          new ModelDescription(config, clip, data.stride, null, options, list.classNames());
      SkipLog skips = new SkipLog(run.skipped());
      try (Device device = common.openDevice();
          VideoClassifier model =
              new VideoClassifier(
                  config, clip, options, device, Rng.seed(common.seed()), training.recompute)) {
        if (pretrained != null) {
          int loaded = pretrained.loadEncoder(model).size();
          console.note(
              "%d of %d parameters from %s, the others are new"
                  .formatted(loaded, model.parameters().size(), pretrained.path()));
        }
        FinetuneTask task =
            new FinetuneTask(model, description, settings.hyper(), smoothing, device);
        TrainingResult result =
            new TrainingSession("finetune", device, list, policy(), data, training, settings, skips)
                .run(task, clip, console);
        EvaluationResult accuracy = evaluate(valList, testViews, model, description, run, console);
        RunReport.write(run, "Fine-tuning", OptionValues.of(spec), accuracy, list.classNames());
        finish(result, accuracy, console);
      }
    }
  }

  private VitConfig config(ModelFile pretrained) {
    if (pretrained == null) {
      return VitConfig.named(training.model == null ? VitConfig.SMALL.name() : training.model);
    }
    VitConfig config = pretrained.description().config();
    if (training.model != null && !training.model.equals(config.name())) {
      throw new UsageException(
          "--model %s does not fit the checkpoint, which holds %s"
              .formatted(training.model, config.name()));
    }
    return config;
  }

  private ClipPolicy policy() {
    return switch (crop) {
      case MULTI_SCALE ->
          ClipPolicy.finetuningMultiScale(data.frames, data.stride, data.size, !noMirror);
      case RESIZED -> ClipPolicy.finetuning(data.frames, data.stride, data.size, !noMirror);
    };
  }

  private EvaluationResult evaluate(
      VideoList list,
      Views testViews,
      VideoClassifier model,
      ModelDescription description,
      RunFolder run,
      Console console)
      throws Exception {
    if (list == null) {
      return null;
    }
    SkipLog skips = new SkipLog(run.path().resolve("skipped-val.csv"));
    return new EvaluationRun(list, testViews, data.decodeThreads, training.batch, allowSkips, skips)
        .run(model, description, console);
  }

  private static void finish(TrainingResult result, EvaluationResult accuracy, Console console) {
    console.print(
        "%d steps, loss %.4f, %.1f clips/s, %d skipped: %s"
            .formatted(
                result.steps(),
                result.loss(),
                result.clipsPerSecond(),
                result.skipped(),
                result.checkpoint()));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("training", result);
    if (accuracy != null) {
      console.print(EvaluationRun.toLine(accuracy));
      all.put("evaluation", EvaluationRun.toMap(accuracy));
    }
    console.result(all);
  }
}
