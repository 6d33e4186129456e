package dev.tenzing.tools.run;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.Fit;
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
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.cli.YamlConfig;
import dev.tenzing.video.augment.Mixing;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.SkipLog;
import dev.tenzing.video.sample.SamplingRule;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;

/**
 * A fine-tuning run, with its evaluation when there is a list for it.
 *
 * @param finetune what is particular to fine-tuning
 * @param data data options
 * @param training training options
 * @param seed seed of everything random
 * @param record the options as they go into {@code config.yaml} and the report
 */
public record FinetuneRun(
    FinetuneOptions finetune,
    DataOptions data,
    TrainingOptions training,
    long seed,
    Map<String, Object> record) {
  private static final double PRETRAINED_LAYER_DECAY = 0.75;

  /**
   * What a run came to.
   *
   * @param training the training
   * @param evaluation the accuracy, or null without a list to evaluate on
   */
  public record Outcome(TrainingResult training, EvaluationResult evaluation) {}

  /** Fine-tunes on a device. */
  public Outcome run(Device device, Console console)
      throws IOException, VideoException, VideoListException {
    data.check();
    training.check();
    Views views = Views.parse(finetune.views);
    Mixing mixing = finetune.augment.mixing(training.batch);
    try (ModelFile pretrained =
        finetune.checkpoint == null
            ? null
            : ModelFile.open(finetune.checkpoint, finetune.heads.hints())) {
      VitConfig config = training.config(pretrained, null);
      ClipShape clip = ClipShape.square(data.frames, data.size);
      clip.grid(config);
      VideoList list = data.list(VideoList.Labels.REQUIRED, finetune.classes, List.of());
      VideoList val =
          finetune.val == null
              ? null
              : DataOptions.list(
                  finetune.val,
                  data.dataRoot,
                  VideoList.Labels.REQUIRED,
                  list.classes(),
                  list.classNames());
      SamplingRule rule =
          data.rule(pretrained == null ? SamplingRule.DENSE : pretrained.description().sampling());
      ClipPolicy policy = policy(rule);
      VideoClassifier.Options options = options(list.classes(), pretrained);
      double layerDecay =
          finetune.layerDecay != null
              ? finetune.layerDecay
              : pretrained == null ? 1 : PRETRAINED_LAYER_DECAY;
      Trainer.Settings settings =
          training.settings(list.epoch(), Hyper.finetuning(), layerDecay, seed);
      RunFolder run = new RunFolder(training.output);
      Files.createDirectories(run.path());
      YamlConfig.write(run.config(), "tenzing finetune", record);
      ModelDescription description =
          new ModelDescription(config, clip, data.stride, null, options, list.classNames(), rule);
      try (VideoClassifier model =
          new VideoClassifier(config, clip, options, device, Rng.seed(seed), training.recompute)) {
        if (pretrained != null) {
          Fit fit = pretrained.loadEncoder(model, finetune.resetHead, finetune.partial);
          LoadNotes.tell(pretrained, fit, model.parameters().size(), clip, console);
        }
        TrainingResult result =
            train(
                model, description, session(device, list, policy, mixing, settings, run), console);
        EvaluationResult accuracy =
            val == null ? null : evaluate(val, views, model, description, run, console);
        RunReport.write(run, "Fine-tuning", record, accuracy, list.classNames());
        return new Outcome(result, accuracy);
      }
    }
  }

  private TrainingSession session(
      Device device,
      VideoList list,
      ClipPolicy policy,
      Mixing mixing,
      Trainer.Settings settings,
      RunFolder run)
      throws IOException {
    SkipLog skips = new SkipLog(run.skipped());
    return new TrainingSession(
        "finetune", device, list, policy, mixing, data, training, settings, skips);
  }

  private TrainingResult train(
      VideoClassifier model, ModelDescription description, TrainingSession session, Console console)
      throws IOException, VideoException, VideoListException {
    try (FinetuneTask task =
        new FinetuneTask(
            model, description, session.settings().hyper(), finetune.smoothing, session.device())) {
      return session.run(task, description.clip(), console);
    }
  }

  private EvaluationResult evaluate(
      VideoList val,
      Views views,
      VideoClassifier model,
      ModelDescription description,
      RunFolder run,
      Console console)
      throws VideoException, VideoListException {
    SkipLog skips = new SkipLog(run.path().resolve("skipped-val.csv"));
    return new EvaluationRun(
            val, views, data.decodeThreads, training.batch, finetune.allowSkips, null, skips)
        .run(model, description, console);
  }

  private VideoClassifier.Options options(int classes, ModelFile pretrained) {
    if (!(finetune.keep > 0 && finetune.keep <= 1)) {
      throw new UsageException("--keep must be above 0 and at most 1, got " + finetune.keep);
    }
    ReRoSelection selection = finetune.keep == 1 ? null : new ReRoSelection(1 - finetune.keep, 0);
    VideoClassifier.Options own = pretrained == null ? null : pretrained.description().classifier();
    return new VideoClassifier.Options(
        classes,
        selection,
        own == null || own.meanPooling(),
        own != null && own.learnablePositions(),
        finetune.dropPath,
        finetune.initScale);
  }

  private ClipPolicy policy(SamplingRule rule) {
    return ClipPolicy.finetuning(data.sampling(rule), data.size, finetune.augment.augmentation());
  }
}
