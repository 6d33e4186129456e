package dev.tenzing.everest.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.CheckpointException;
import dev.tenzing.everest.checkpoint.CheckpointFolder;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.task.classification.Criterion;
import dev.tenzing.everest.task.classification.FinetuneTask;
import dev.tenzing.everest.task.pretraining.PretrainTask;
import dev.tenzing.video.augment.Augmentation;
import dev.tenzing.video.augment.ColorJitter;
import dev.tenzing.video.augment.Mixing;
import dev.tenzing.video.augment.RandAugment;
import dev.tenzing.video.augment.RandomErasing;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.ClipLoader;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.SkipLog;
import dev.tenzing.video.sample.CandidateSampling;
import dev.tenzing.video.sample.DenseSampling;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A run that was stopped and resumed reaches the same bits as one that was not, for every task and
 * number of threads.
 */
class ResumeTest {
  private static final ClipShape CLIP = ClipShape.square(16, 32);
  private static final VitConfig CONFIG =
      new VitConfig("test", 24, 2, 3, 8, 2, 4, 16, 1, 2, 0, 1e-6);
  private static final Budget BUDGET = new Budget(6, 2, 2, 2);

  @TempDir private static Path videos;
  @TempDir private Path folder;
  private TrainingListener listener = new Silent();

  @BeforeAll
  static void makeVideos() throws IOException {
    new SyntheticActions(2, 3, 1, 48, 1).write(videos, done -> {});
    // A file that cannot be read is part of the order of clips, also after a resume.
    Files.writeString(videos.resolve("videos/text.mp4"), "no video");
    Files.writeString(
        videos.resolve("train.csv"),
        Files.readString(videos.resolve("train.csv")) + "videos/text.mp4 1\n");
  }

  private interface Body {
    void run(Trainer trainer, TrainingTask<?> task, Trainer.Settings settings, RunFolder run)
        throws Exception;
  }

  private static Trainer.Settings settings(long seed) {
    return new Trainer.Settings(BUDGET, Hyper.finetuning().clipped(1), seed, 3, 9, 1);
  }

  private void pretrain(Method method, RunFolder run, int threads, Body body) throws Exception {
    pretrain(method, null, run, threads, body);
  }

  private void pretrain(Method method, FrameSelection frames, RunFolder run, int threads, Body body)
      throws Exception {
    Pretraining pretraining =
        new Pretraining(method, 0.75, 0.5, Pretraining.official(method).decoderMask(), true);
    ModelDescription description =
        new ModelDescription(CONFIG, CLIP, 2, pretraining).withFrames(frames);
    Trainer.Settings settings = settings(5);
    try (Device device = Device.cpu(threads);
        MaskedAutoencoder model = new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(5), false);
        PretrainTask task = new PretrainTask(model, description, settings.hyper(), device)) {
      body.run(new Trainer(device, task, settings, run, listener), task, settings, run);
    }
  }

  private void finetune(RunFolder run, Body body) throws Exception {
    finetune(null, null, run, 1, body);
  }

  private void finetune(
      ReRoSelection selection, FrameSelection frames, RunFolder run, int threads, Body body)
      throws Exception {
    VideoClassifier.Options options =
        new VideoClassifier.Options(2, selection, true, false, 0.5, 1);
    ModelDescription description =
        new ModelDescription(CONFIG, CLIP, 2, new Classification(options)).withFrames(frames);
    Trainer.Settings settings = settings(5);
    try (Device device = Device.cpu(threads);
        VideoClassifier model =
            new VideoClassifier(CONFIG, CLIP, options, device, Rng.seed(5), false);
        FinetuneTask task =
            new FinetuneTask(model, description, settings.hyper(), Criterion.labels(0.1), device)) {
      body.run(new Trainer(device, task, settings, run, listener), task, settings, run);
    }
  }

  private static void train(Trainer trainer, Trainer.Position from) throws Exception {
    train(trainer, from, ClipPolicy.pretraining(16, 2, 32), null);
  }

  /** With everything random that supervised training knows. */
  private static void trainAugmented(Trainer trainer, Trainer.Position from) throws Exception {
    Augmentation augmentation =
        new Augmentation(
            Augmentation.CropRule.RESIZED,
            true,
            RandAugment.parse("rand-m7-n4-mstd0.5-inc1"),
            new ColorJitter(0.4),
            new RandomErasing(0.5, RandomErasing.Mode.PIXEL, 1),
            2);
    train(
        trainer,
        from,
        ClipPolicy.finetuning(16, 2, 32, augmentation),
        new Mixing(0.8, 1, 1, 0.5, Mixing.Mode.PAIR));
  }

  private static void train(
      Trainer trainer, Trainer.Position from, ClipPolicy policy, Mixing mixing) throws Exception {
    VideoList list =
        VideoList.read(videos.resolve("train.csv"), null, VideoList.Labels.REQUIRED, 2);
    SkipLog skips = new SkipLog(null);
    try (ClipLoader loader =
        ClipLoader.of(list, policy)
            .mixing(mixing)
            .batch(BUDGET.batch())
            .seed(5)
            .threads(2)
            .start(from.cursor())
            .skipLog(skips)
            .open()) {
      trainer.run(from, loader);
    }
    assertEquals(1, skips.count());
  }

  private static byte[] model(RunFolder run) throws IOException {
    return Files.readAllBytes(run.checkpoints().path().resolve("step-6").resolve(ModelFile.NAME));
  }

  private static Trainer.Position restored(
      RunFolder run, TrainingTask<?> task, Trainer.Settings settings) {
    CheckpointFolder.Saved middle =
        CheckpointFolder.open(run.checkpoints().path().resolve("step-3"));
    return TrainingState.restore(middle, task, settings);
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void pretrainingResumesBitForBit(Method method) throws Exception {
    RunFolder run = new RunFolder(folder.resolve("run"));
    pretrain(
        method, run, 1, (trainer, task, settings, r) -> train(trainer, Trainer.Position.START));
    byte[] uninterrupted = model(run);
    pretrain(
        method,
        run,
        1,
        (trainer, task, settings, r) -> train(trainer, restored(r, task, settings)));
    assertArrayEquals(uninterrupted, model(run));
    assertEquals(6, Files.readAllLines(run.metrics()).size(), "a line a step, none twice");
  }

  @Test
  void finetuningResumesBitForBit() throws Exception {
    RunFolder run = new RunFolder(folder.resolve("run"));
    finetune(run, (trainer, task, settings, r) -> train(trainer, Trainer.Position.START));
    byte[] uninterrupted = model(run);
    finetune(run, (trainer, task, settings, r) -> train(trainer, restored(r, task, settings)));
    assertArrayEquals(uninterrupted, model(run));
  }

  /** As Ctrl-C does it: after a step that is no place for a checkpoint, with accumulation. */
  @Test
  void whatIsAskedToStopSavesAndGoesOnBitForBit() throws Exception {
    RunFolder whole = new RunFolder(folder.resolve("whole"));
    pretrain(
        Method.EVEREST,
        whole,
        1,
        (trainer, task, settings, r) -> train(trainer, Trainer.Position.START));
    RunFolder stopped = new RunFolder(folder.resolve("stopped"));
    listener =
        new Silent() {
          private int steps;

          @Override
          public boolean stops() {
            return ++steps == 2;
          }
        };
    pretrain(
        Method.EVEREST,
        stopped,
        1,
        (trainer, task, settings, r) -> train(trainer, Trainer.Position.START));
    CheckpointFolder.Saved saved = stopped.checkpoints().newest(any -> {}, s -> {}).orElseThrow();
    assertEquals(2, saved.step());
    listener = new Silent();
    pretrain(
        Method.EVEREST,
        stopped,
        1,
        (trainer, task, settings, r) ->
            train(trainer, TrainingState.restore(saved, task, settings)));
    assertArrayEquals(model(whole), model(stopped));
    assertEquals(6, Files.readAllLines(stopped.metrics()).size());
  }

  @Test
  void selectedFramesDoNotDependOnThreadsAndResumeBitForBit() throws Exception {
    ClipPolicy policy =
        ClipPolicy.pretraining(new CandidateSampling(new DenseSampling(16, 2), 24), 32);
    RunFolder whole = new RunFolder(folder.resolve("whole"));
    pretrain(
        Method.EVEREST,
        FrameSelection.OFFICIAL,
        whole,
        1,
        (trainer, task, settings, r) -> train(trainer, Trainer.Position.START, policy, null));
    byte[] uninterrupted = model(whole);
    pretrain(
        Method.EVEREST,
        FrameSelection.OFFICIAL,
        whole,
        3,
        (trainer, task, settings, r) -> train(trainer, restored(r, task, settings), policy, null));
    assertArrayEquals(uninterrupted, model(whole));
    RunFolder all = new RunFolder(folder.resolve("all"));
    pretrain(
        Method.EVEREST,
        all,
        1,
        (trainer, task, settings, r) -> train(trainer, Trainer.Position.START));
    assertFalse(Arrays.equals(uninterrupted, model(all)), "the selection makes a difference");
    pretrain(
        Method.EVEREST,
        all,
        1,
        (trainer, task, settings, r) ->
            assertThrows(
                CheckpointException.class,
                () ->
                    TrainingState.restore(
                        CheckpointFolder.open(whole.checkpoints().path().resolve("step-3")),
                        task,
                        settings)));
  }

  @Test
  void finetuningOnSelectedFramesResumesBitForBit() throws Exception {
    ReRoSelection selection = ReRoSelection.finetuning();
    ClipPolicy policy =
        ClipPolicy.pretraining(new CandidateSampling(new DenseSampling(16, 2), 24), 32);
    RunFolder run = new RunFolder(folder.resolve("run"));
    finetune(
        selection,
        FrameSelection.OFFICIAL,
        run,
        1,
        (trainer, task, settings, r) -> train(trainer, Trainer.Position.START, policy, null));
    byte[] uninterrupted = model(run);
    finetune(
        selection,
        FrameSelection.OFFICIAL,
        run,
        2,
        (trainer, task, settings, r) -> train(trainer, restored(r, task, settings), policy, null));
    assertArrayEquals(uninterrupted, model(run));
  }

  @Test
  void augmentedFinetuningResumesBitForBit() throws Exception {
    RunFolder run = new RunFolder(folder.resolve("run"));
    finetune(run, (trainer, task, settings, r) -> trainAugmented(trainer, Trainer.Position.START));
    byte[] uninterrupted = model(run);
    finetune(
        run, (trainer, task, settings, r) -> trainAugmented(trainer, restored(r, task, settings)));
    assertArrayEquals(uninterrupted, model(run));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void theNumberOfThreadsDoesNotMatter(int threads) throws Exception {
    RunFolder one = new RunFolder(folder.resolve("one"));
    pretrain(
        Method.EVEREST,
        one,
        1,
        (trainer, task, settings, r) -> train(trainer, Trainer.Position.START));
    RunFolder more = new RunFolder(folder.resolve("more"));
    pretrain(
        Method.EVEREST,
        more,
        threads,
        (trainer, task, settings, r) -> train(trainer, Trainer.Position.START));
    assertArrayEquals(model(one), model(more));
  }

  @Test
  void aCheckpointOfOtherSettingsIsRefused() throws Exception {
    RunFolder run = new RunFolder(folder.resolve("run"));
    pretrain(
        Method.EVEREST,
        run,
        1,
        (trainer, task, settings, r) -> train(trainer, Trainer.Position.START));
    pretrain(
        Method.VIDEOMAE,
        run,
        1,
        (trainer, task, settings, r) -> {
          CheckpointException other =
              assertThrows(CheckpointException.class, () -> restored(r, task, settings));
          assertTrue(
              other.getMessage().contains("other settings of model, clip or method"),
              other.getMessage());
        });
    pretrain(
        Method.EVEREST,
        run,
        1,
        (trainer, task, settings, r) -> {
          CheckpointException seed =
              assertThrows(CheckpointException.class, () -> restored(r, task, settings(6)));
          assertTrue(
              seed.getMessage().contains("belongs to a run with seed 5, not 6"), seed.getMessage());
        });
  }

  private static class Silent implements TrainingListener {
    @Override
    public void stepped(long step, long steps, double loss, double clipsPerSecond, int skipped) {}

    @Override
    public void note(String sentence) {}
  }
}
