package dev.tenzing.everest.run;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.checkpoint.Fit;
import dev.tenzing.everest.checkpoint.Hints;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Models;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.DataRecipe;
import dev.tenzing.everest.recipe.DistillRecipe;
import dev.tenzing.everest.recipe.FinetuneRecipe;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.recipe.Length;
import dev.tenzing.everest.task.classification.Criterion;
import dev.tenzing.everest.task.classification.EvaluationResult;
import dev.tenzing.everest.task.classification.FinetuneTask;
import dev.tenzing.everest.task.classification.ListEvaluation;
import dev.tenzing.everest.task.classification.TeacherCriterion;
import dev.tenzing.everest.training.RunFolder;
import dev.tenzing.everest.training.Trainer;
import dev.tenzing.everest.training.TrainingResult;
import dev.tenzing.nn.loss.Distillation;
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
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A run that trains a classifier, by labels or by a teacher, with its evaluation when there is a
 * list for it.
 *
 * @param recipe what is to be done
 * @param lists reads its lists
 */
public record FinetuneRun(FinetuneRecipe recipe, ListReader lists) {
  /** A run over list files or folders of videos. */
  public FinetuneRun(FinetuneRecipe recipe) {
    this(recipe, ListReader.PLAIN);
  }

  /** Trains on a device; a run that was stopped goes on, a finished one is told again. */
  public RunOutcome run(Device device, RunListener listener)
      throws IOException, VideoException, VideoListException {
    try (ModelFile pretrained = recipe.start().open();
        ModelFile taker = taker(pretrained)) {
      ModelFile clips = pretrained == null ? taker : pretrained;
      if (clips != null) {
        clips.notes().forEach(listener::note);
      }
      recipe.data().taken(clips).ifPresent(listener::note);
      DataRecipe data = recipe.data().settled(clips);
      try (ModelFile teacher = recipe.distill() == null ? null : teacher(data)) {
        return run(device, pretrained, teacher, data, listener);
      }
    }
  }

  /** The teacher as it is, where it decides what clips are. */
  private ModelFile taker(ModelFile pretrained) {
    return pretrained != null || recipe.distill() == null
        ? null
        : ModelFile.open(recipe.distill().teacher());
  }

  /**
   * Opens the teacher as a model of the student's clips.
   *
   * @throws IllegalArgumentException when it holds no classifier or cannot see such clips
   */
  private ModelFile teacher(DataRecipe data) {
    Path path = recipe.distill().teacher();
    ClipShape clip = ClipShape.square(data.frames(), data.size());
    ModelFile file;
    try {
      file = ModelFile.open(path, new Hints(null, null, clip.frames(), clip.height(), null, null));
    } catch (IllegalArgumentException e) {
      throw unseen(e);
    }
    try {
      ModelDescription description = file.description();
      Classification known =
          description
              .classification()
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "--teacher %s holds a model without a classifier; run finetune first"
                          .formatted(path)));
      try {
        known.options().keptTokens(clip.grid(description.config()));
      } catch (IllegalArgumentException e) {
        throw unseen(e);
      }
      return file;
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static IllegalArgumentException unseen(IllegalArgumentException e) {
    return new IllegalArgumentException(
        "the teacher cannot see the student's clips: " + e.getMessage(), e);
  }

  private RunOutcome run(
      Device device,
      ModelFile pretrained,
      ModelFile teacherFile,
      DataRecipe data,
      RunListener listener)
      throws IOException, VideoException, VideoListException {
    ClipShape clip = ClipShape.square(data.frames(), data.size());
    VitConfig config = recipe.model().config(pretrained, null);
    clip.grid(config);
    ModelDescription teacher = teacherFile == null ? null : teacherFile.description();
    VideoList list = list(teacher);
    int classes =
        teacher == null ? list.classes() : teacher.classification().orElseThrow().classes();
    List<String> classNames = teacher == null ? list.classNames() : names(teacher, list);
    Path valPath = recipe.validation().list();
    VideoList val =
        valPath == null
            ? null
            : list(valPath, VideoList.Labels.REQUIRED, classes, classNames, teacher);
    SamplingRule rule =
        data.rule(pretrained == null ? SamplingRule.DENSE : pretrained.description().sampling());
    VideoClassifier.Options own =
        pretrained == null
            ? null
            : pretrained.description().classification().map(Classification::options).orElse(null);
    ModelDescription description =
        new ModelDescription(
            config,
            clip,
            data.stride(),
            new Classification(recipe.classifier().options(classes, own), classNames),
            rule,
            recipe.classifier().frames());
    // Before anything is written: it refuses frames that cannot be chosen.
    description.input(UnaryOperator.identity());
    ClipPolicy policy =
        ClipPolicy.finetuning(
            description.loaded(data.sampling(rule)), data.size(), recipe.augment().augmentation());
    boolean recompute = recipe.model().recompute();
    RunFolder run = new RunFolder(recipe.saving().run());
    try (RunLock lock = RunLock.acquire(run.path(), "tenzing " + recipe.command())) {
      MemoryCheck memory =
          TrainingSession.memory(device, description, list, policy, data, recompute);
      Length length =
          memory.fit(recipe.length(), policy.views(), RunRecord.batchOf(run), listener::note);
      Mixing mixing = recipe.augment().mixing(length.batch());
      Budget budget = length.budget(list.epoch());
      Hyper hyper = recipe.optimisation().hyper(budget, Hyper.finetuning());
      Trainer.Settings settings =
          TrainingSession.settings(recipe.saving(), budget, hyper, recipe.seed());
      FinetuneRecipe settled =
          recipe.settled(
              classes,
              data.sampled(rule),
              config.name(),
              recipe.length().batch() / length.batch(),
              hyper,
              settings.checkpointEvery());
      RunRecord record =
          new RunRecord(
              recipe.command(),
              run,
              listener.settings(settled.settings()),
              list,
              classNames,
              settings,
              policy.views());
      RunStart begin = record.start(recipe.saving().resume(), listener);
      Optional<RunResult> done =
          begin.finished() ? Optional.of(record.finished(begin, listener)) : Optional.empty();
      if (done.isPresent() && (val == null || done.get().evaluation() != null)) {
        return new RunOutcome(done.get(), record);
      }
      memory.require(length.batch(), policy.views(), length.accumulate() > 1);
      try (VideoClassifier model =
              Models.classifier(description, device, Rng.seed(recipe.seed()), recompute);
          VideoClassifier teacherModel =
              teacherFile == null ? null : teacherFile.classifier(device)) {
        if (pretrained != null && done.isEmpty()) {
          Fit fit =
              pretrained.loadEncoder(
                  model, recipe.classifier().resetHead(), recipe.start().partial());
          LoadNotes.tell(pretrained, fit, model.parameters().size(), clip, listener::note);
        }
        Criterion criterion = criterion(teacherFile, teacherModel, clip, listener);
        TrainingResult result;
        if (done.isPresent()) { // It was killed before its evaluation.
          result = done.get().training();
          try (ModelFile last = ModelFile.open(result.checkpoint())) {
            last.load(model.parameters());
          }
        } else {
          TrainingSession session =
              new TrainingSession(device, policy, mixing, data, length, recompute, record, begin);
          try (FinetuneTask task = new FinetuneTask(model, description, hyper, criterion, device)) {
            result = session.run(task, listener);
          }
        }
        RunResult trained = new RunResult(result, null);
        trained.write(run);
        listener.came(record, trained);
        if (!result.finished() || val == null) {
          return new RunOutcome(trained, record);
        }
        SkipLog skips = new SkipLog(run.path().resolve("skipped-val.csv"));
        EvaluationResult accuracy =
            new ListEvaluation(
                    val,
                    recipe.validation().views(),
                    data.decodeThreads(),
                    length.batch(),
                    recipe.validation().allowSkips(),
                    null,
                    skips)
                .run(model, description, listener);
        RunResult all = new RunResult(result, accuracy);
        all.write(run);
        listener.came(record, all);
        return new RunOutcome(all, record);
      }
    }
  }

  private VideoList list(ModelDescription teacher) throws VideoListException {
    int asked = recipe.classifier().classes();
    if (teacher == null) {
      return read(recipe.data().list(), VideoList.Labels.REQUIRED, asked, List.of());
    }
    Classification taught = teacher.classification().orElseThrow();
    int classes = taught.classes();
    if (asked != 0 && asked != classes) {
      throw new IllegalArgumentException(
          "--classes %s does not fit the teacher, which has %s".formatted(asked, classes));
    }
    return list(
        recipe.data().list(), recipe.distill().labels(), classes, taught.classNames(), teacher);
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
      VideoList list = read(path, labels, 0, List.of());
      if (!list.classNames().isEmpty()) {
        return list.among(classes);
      }
    }
    return read(path, labels, classes, classNames);
  }

  private VideoList read(Path path, VideoList.Labels labels, int classes, List<String> classNames)
      throws VideoListException {
    return lists.existing(path, recipe.data().root(), labels, classes, classNames);
  }

  private static List<String> names(ModelDescription teacher, VideoList list) {
    Classification taught = teacher.classification().orElseThrow();
    return taught.classNames().isEmpty() && list.classes() == taught.classes()
        ? list.classNames()
        : taught.classNames();
  }

  private Criterion criterion(
      ModelFile file, VideoClassifier teacher, ClipShape clip, RunListener listener) {
    Criterion labels = Criterion.labels(recipe.classifier().smoothing());
    if (file == null) {
      return labels;
    }
    long parameters = teacher.parameters().values().stream().mapToLong(Tensor::size).sum();
    listener.note(
        "teacher: %s of %s, %s classes, %s MiB of weights"
            .formatted(
                file.description().config().name(),
                file.path(),
                teacher.classes(),
                Math.ceilDiv(4 * parameters, 1 << 20)));
    LoadNotes.tellClips(file, clip, listener::note);
    DistillRecipe distill = recipe.distill();
    return new TeacherCriterion(
        teacher, new Distillation(distill.temperature()), distill.alpha(), labels);
  }
}
