package dev.tenzing.tools.run;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.AtomicFolder;
import dev.tenzing.everest.checkpoint.Fit;
import dev.tenzing.everest.checkpoint.ModelDescription;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.evaluation.EvaluationResult;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.training.Criterion;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A run that trains a classifier, by labels or by a teacher, with its evaluation when there is a
 * list for it.
 *
 * @param finetune what is particular to classifiers
 * @param distill the teacher, or null
 * @param data data options
 * @param training training options
 * @param seed seed of everything random
 * @param record the options as they go into {@code config.yaml} and the report
 */
public record FinetuneRun(
    FinetuneOptions finetune,
    DistillOptions distill,
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
  public record Outcome(TrainingResult training, EvaluationResult evaluation) {
    /** Prints it. */
    public void print(Console console) {
      console.print(RunReport.toLine(training));
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("training", training);
      if (evaluation != null) {
        console.print(EvaluationRun.toLine(evaluation));
        all.put("evaluation", EvaluationRun.toMap(evaluation));
      }
      console.result(all);
    }
  }

  private String command() {
    return distill == null ? "finetune" : "distill";
  }

  /** Trains on a device. */
  public Outcome run(Device device, Console console)
      throws IOException, VideoException, VideoListException {
    data.check();
    training.check();
    DataOptions.checkOutput(data.data, training.output);
    DataOptions.checkOutput(finetune.val, training.output);
    if (distill != null) {
      distill.check();
    }
    Views views = Views.parse(finetune.views);
    finetune.augment.mixing(training.batch); // Refuses a batch that cannot be mixed.
    try (ModelFile pretrained =
            finetune.checkpoint == null
                ? null
                : ModelFile.open(finetune.checkpoint, finetune.heads.hints());
        ModelFile teacherFile = distill == null ? null : distill.open(pretrained, data, console)) {
      if (distill == null) {
        data.settle(pretrained).ifPresent(console::note);
      }
      ClipShape clip = ClipShape.square(data.frames, data.size);
      VitConfig config = training.config(pretrained, null);
      clip.grid(config);
      ModelDescription teacher = teacherFile == null ? null : teacherFile.description();
      VideoList list = list(teacher);
      int classes = teacher == null ? list.classes() : teacher.classifier().classes();
      List<String> classNames = teacher == null ? list.classNames() : names(teacher, list);
      VideoList val =
          finetune.val == null
              ? null
              : DataOptions.list(
                  finetune.val, data.dataRoot, VideoList.Labels.REQUIRED, classes, classNames);
      SamplingRule rule =
          data.rule(pretrained == null ? SamplingRule.DENSE : pretrained.description().sampling());
      VideoClassifier.Options options = options(classes, pretrained);
      ModelDescription description =
          new ModelDescription(
              config,
              clip,
              data.stride,
              null,
              options,
              classNames,
              rule,
              finetune.frames.over(null));
      // Before anything is written: it refuses frames that cannot be chosen.
      description.input(UnaryOperator.identity());
      ClipPolicy policy =
          ClipPolicy.finetuning(
              description.loaded(data.sampling(rule)), data.size, finetune.augment.augmentation());
      training.fit(description, policy.views(), device, console);
      Mixing mixing = finetune.augment.mixing(training.batch);
      double layerDecay =
          finetune.layerDecay != null
              ? finetune.layerDecay
              : pretrained == null ? 1 : PRETRAINED_LAYER_DECAY;
      Trainer.Settings settings =
          training.settings(list.epoch(), Hyper.finetuning(), layerDecay, seed);
      RunFolder run = new RunFolder(training.output);
      AtomicFolder.create(run.path());
      YamlConfig.write(run.config(), "tenzing " + command(), record);
      try (VideoClassifier model =
              new VideoClassifier(
                  config, clip, options, device, Rng.seed(seed), training.recompute);
          VideoClassifier teacherModel =
              teacherFile == null ? null : teacherFile.classifier(device)) {
        if (pretrained != null) {
          Fit fit = pretrained.loadEncoder(model, finetune.resetHead, finetune.partial);
          LoadNotes.tell(pretrained, fit, model.parameters().size(), clip, console);
        }
        Criterion criterion =
            teacherFile == null
                ? Criterion.labels(finetune.smoothing)
                : criterion(teacherFile, teacherModel, clip, console);
        TrainingResult result =
            train(
                model,
                description,
                criterion,
                session(device, list, policy, mixing, settings, run),
                console);
        EvaluationResult accuracy =
            val == null ? null : evaluate(val, views, model, description, run, console);
        String title = distill == null ? "Fine-tuning" : "Distillation";
        RunReport.write(run, title, record, accuracy, classNames);
        return new Outcome(result, accuracy);
      }
    }
  }

  private VideoList list(ModelDescription teacher) throws VideoListException {
    if (teacher == null) {
      return data.list(VideoList.Labels.REQUIRED, finetune.classes, List.of());
    }
    int classes = teacher.classifier().classes();
    if (finetune.classes != 0 && finetune.classes != classes) {
      throw new UsageException(
          "--classes %s does not fit the teacher, which has %s"
              .formatted(finetune.classes, classes));
    }
    return data.list(distill.labels(), classes, teacher.classNames());
  }

  private static List<String> names(ModelDescription teacher, VideoList list) {
    return teacher.classNames().isEmpty() && list.classes() == teacher.classifier().classes()
        ? list.classNames()
        : teacher.classNames();
  }

  private Criterion criterion(
      ModelFile file, VideoClassifier teacher, ClipShape clip, Console console) {
    long parameters = teacher.parameters().values().stream().mapToLong(Tensor::size).sum();
    console.note(
        "teacher: %s of %s, %s classes, %s MiB of weights"
            .formatted(
                file.description().config().name(),
                file.path(),
                teacher.classes(),
                Math.ceilDiv(4 * parameters, 1 << 20)));
    LoadNotes.tellClips(file, clip, console);
    return distill.criterion(teacher, finetune.smoothing);
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
        command(), device, list, policy, mixing, data, training, settings, skips);
  }

  private TrainingResult train(
      VideoClassifier model,
      ModelDescription description,
      Criterion criterion,
      TrainingSession session,
      Console console)
      throws IOException, VideoException, VideoListException {
    try (FinetuneTask task =
        new FinetuneTask(
            model, description, session.settings().hyper(), criterion, session.device())) {
      return session.run(task, console);
    }
  }

  private EvaluationResult evaluate(
      VideoList val,
      Views views,
      VideoClassifier model,
      ModelDescription description,
      RunFolder run,
      Console console)
      throws IOException, VideoException, VideoListException {
    SkipLog skips = new SkipLog(run.path().resolve("skipped-val.csv"));
    return new EvaluationRun(
            val, views, data.decodeThreads, training.batch, finetune.allowSkips, null, skips)
        .run(model, description, console);
  }

  private VideoClassifier.Options options(int classes, ModelFile pretrained) {
    if (!(finetune.keep > 0 && finetune.keep <= 1)) {
      throw new UsageException("--keep must be above 0 and at most 1, got " + finetune.keep);
    }
    TokenSelection selection = finetune.keep == 1 ? null : new ReRoSelection(1 - finetune.keep);
    VideoClassifier.Options own = pretrained == null ? null : pretrained.description().classifier();
    if (own != null && own.meanPooling() && finetune.firstToken) {
      throw new UsageException(
          "--first-token does not fit the checkpoint, whose classifier takes the mean of all"
              + " tokens");
    }
    return new VideoClassifier.Options(
        classes,
        selection,
        own == null ? !finetune.firstToken : own.meanPooling(),
        own != null && own.learnablePositions(),
        finetune.dropPath,
        finetune.initScale,
        finetune.dropout,
        finetune.headDropout);
  }
}
