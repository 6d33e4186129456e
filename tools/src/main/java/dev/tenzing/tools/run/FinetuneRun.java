package dev.tenzing.tools.run;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.checkpoint.Fit;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Models;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.run.MemoryCheck;
import dev.tenzing.everest.run.RunLock;
import dev.tenzing.everest.run.RunResult;
import dev.tenzing.everest.run.RunStart;
import dev.tenzing.everest.task.classification.Criterion;
import dev.tenzing.everest.task.classification.EvaluationResult;
import dev.tenzing.everest.task.classification.FinetuneTask;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.Trainer;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.tools.cli.Console;
import dev.tenzing.tools.cli.Signals;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.video.augment.Mixing;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.SkipLog;
import dev.tenzing.video.sample.SamplingRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
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
 * @param asked all options by their keys, to be asked for when they are settled
 */
public record FinetuneRun(
    FinetuneOptions finetune,
    DistillOptions distill,
    DataOptions data,
    TrainingOptions training,
    long seed,
    Supplier<Map<String, Object>> asked) {
  private static final double PRETRAINED_LAYER_DECAY = 0.75;

  /** From this share of the loss of chance on, nothing to speak of has been learned. */
  private static final double CHANCE = 0.95;

  /**
   * What a run came to.
   *
   * @param result training and evaluation
   * @param record what was written of the run
   */
  public record Outcome(RunResult result, RunRecord record) {
    public TrainingResult training() {
      return result.training();
    }

    /** The accuracy, or null without a list to evaluate on. */
    public EvaluationResult evaluation() {
      return result.evaluation();
    }

    /** Prints it, and ends the command where the run was stopped. */
    public void print(Console console) {
      record.print(training(), console);
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("training", RunReport.toMap(training()));
      if (evaluation() != null) {
        console.print(EvaluationRun.toLine(evaluation()));
        all.put("evaluation", EvaluationRun.toMap(evaluation()));
      }
      all.put("data", record.data());
      all.put("report", record.folder().report());
      chance(training(), console);
      console.result(all);
      record.endIfStopped(training());
    }

    private void chance(TrainingResult training, Console console) {
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
      int classes =
          teacher == null ? list.classes() : teacher.classification().orElseThrow().classes();
      List<String> classNames = teacher == null ? list.classNames() : names(teacher, list);
      VideoList val =
          finetune.val == null
              ? null
              : list(finetune.val, VideoList.Labels.REQUIRED, classes, classNames, teacher);
      SamplingRule rule =
          data.rule(pretrained == null ? SamplingRule.DENSE : pretrained.description().sampling());
      VideoClassifier.Options options = options(classes, pretrained);
      ModelDescription description =
          new ModelDescription(
              config,
              clip,
              data.stride,
              new Classification(options, classNames),
              rule,
              finetune.frames.over(null));
      // Before anything is written: it refuses frames that cannot be chosen.
      description.input(UnaryOperator.identity());
      ClipPolicy policy =
          ClipPolicy.finetuning(
              description.loaded(data.sampling(rule)), data.size, finetune.augment.augmentation());
      RunFolder run = new RunFolder(training.output);
      Signals.atOnce(TrainingSession.NOT_BEGUN);
      try (RunLock lock = RunLock.acquire(run.path(), "tenzing " + command())) {
        MemoryCheck memory =
            TrainingSession.memory(device, description, list, policy, data, training);
        training.fit(memory, policy.views(), RunRecord.batchOf(run), console);
        Mixing mixing = finetune.augment.mixing(training.batch);
        if (finetune.layerDecay == null) {
          finetune.layerDecay = pretrained == null ? 1 : PRETRAINED_LAYER_DECAY;
        }
        Trainer.Settings settings =
            training.settings(list.epoch(), Hyper.finetuning(), finetune.layerDecay, seed);
        training.settle(config, settings);
        finetune.classes = classes;
        data.sampling = rule.label();
        RunRecord record =
            new RunRecord(command(), run, asked.get(), list, classNames, settings, policy.views());
        RunStart begin = record.start(training.resume, console);
        Optional<RunResult> done =
            begin.finished() ? Optional.of(record.finished(begin, console)) : Optional.empty();
        if (done.isPresent() && (val == null || done.get().evaluation() != null)) {
          return new Outcome(done.get(), record);
        }
        memory.require(training.batch, policy.views(), training.accumulate > 1);
        try (VideoClassifier model =
                Models.classifier(description, device, Rng.seed(seed), training.recompute);
            VideoClassifier teacherModel =
                teacherFile == null ? null : teacherFile.classifier(device)) {
          if (pretrained != null && done.isEmpty()) {
            Fit fit = pretrained.loadEncoder(model, finetune.resetHead, finetune.partial);
            LoadNotes.tell(pretrained, fit, model.parameters().size(), clip, console);
          }
          Criterion criterion =
              teacherFile == null
                  ? Criterion.labels(finetune.smoothing)
                  : criterion(teacherFile, teacherModel, clip, console);
          TrainingSession session =
              new TrainingSession(device, policy, mixing, data, training, record, begin);
          TrainingResult result;
          if (done.isPresent()) { // It was killed before its evaluation.
            result = done.get().training();
            try (ModelFile last = ModelFile.open(result.checkpoint())) {
              last.load(model.parameters());
            }
          } else {
            result = train(model, description, criterion, session, console);
          }
          new RunResult(result, null).write(run);
          String title = distill == null ? "Fine-tuning" : "Distillation";
          RunReport.write(record, title, result, null);
          if (!result.finished() || val == null) {
            return new Outcome(new RunResult(result, null), record);
          }
          EvaluationResult accuracy = evaluate(val, views, model, description, run, console);
          RunResult all = new RunResult(result, accuracy);
          all.write(run);
          RunReport.write(record, title, result, accuracy);
          return new Outcome(all, record);
        }
      }
    }
  }

  private VideoList list(ModelDescription teacher) throws VideoListException {
    if (teacher == null) {
      return data.list(VideoList.Labels.REQUIRED, finetune.classes, List.of());
    }
    Classification taught = teacher.classification().orElseThrow();
    int classes = taught.classes();
    if (finetune.classes != 0 && finetune.classes != classes) {
      throw new UsageException(
          "--classes %s does not fit the teacher, which has %s"
              .formatted(finetune.classes, classes));
    }
    return list(data.data, distill.labels(), classes, taught.classNames(), teacher);
  }

  /**
   * Reads a list whose labels are the classes of a teacher, or classes of its own.
   *
   * @param teacher null for none
   */
  private VideoList list(
      Path path,
      VideoList.Labels labels,
      int classes,
      List<String> classNames,
      ModelDescription teacher)
      throws VideoListException {
    if (teacher != null
        && labels == VideoList.Labels.REQUIRED
        && classNames.isEmpty()
        && !Files.isDirectory(path)) {
      // What a list names its classes says nothing of how many a teacher without names has.
      VideoList list = DataOptions.list(path, data.dataRoot, labels, 0, List.of());
      if (!list.classNames().isEmpty()) {
        return list.among(classes);
      }
    }
    return DataOptions.list(path, data.dataRoot, labels, classes, classNames);
  }

  private static List<String> names(ModelDescription teacher, VideoList list) {
    Classification taught = teacher.classification().orElseThrow();
    return taught.classNames().isEmpty() && list.classes() == taught.classes()
        ? list.classNames()
        : taught.classNames();
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

  private TrainingResult train(
      VideoClassifier model,
      ModelDescription description,
      Criterion criterion,
      TrainingSession session,
      Console console)
      throws IOException, VideoException, VideoListException {
    try (FinetuneTask task =
        new FinetuneTask(
            model, description, session.record().settings().hyper(), criterion, session.device())) {
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
    VideoClassifier.Options own =
        pretrained == null
            ? null
            : pretrained.description().classification().map(Classification::options).orElse(null);
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
