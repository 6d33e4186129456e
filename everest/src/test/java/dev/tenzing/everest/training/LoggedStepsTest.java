package dev.tenzing.everest.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.task.classification.Criterion;
import dev.tenzing.everest.task.classification.FinetuneTask;
import dev.tenzing.everest.task.pretraining.PretrainTask;
import dev.tenzing.nn.optim.CosineSchedule;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.ClipLoader;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.SkipLog;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is logged of steps has the values that the settings ask for, however a batch is split. */
class LoggedStepsTest {
  private static final ClipShape CLIP = new ClipShape(4, 16, 16);
  private static final VitConfig CONFIG =
      new VitConfig("test", 12, 2, 3, 4, 2, 4, 12, 1, 2, 0, 1e-6);
  private static final Hyper HYPER = new Hyper(0.5, 0.01, 1.5, 0.05, 1, 0.9, 0.95, 1e-8, 0);
  private static final int STEPS = 5;

  @TempDir private static Path videos;
  @TempDir private Path folder;

  @BeforeAll
  static void makeVideos() throws IOException {
    new SyntheticActions(2, 4, 1, 32, 1).write(videos, done -> {});
  }

  private static final class Heard implements TrainingListener {
    private final List<Double> losses = new ArrayList<>();

    @Override
    public void stepped(long step, long steps, double loss, double clipsPerSecond, int skipped) {
      assertEquals(losses.size() + 1, step);
      assertEquals(STEPS, steps);
      assertEquals(0, skipped);
      losses.add(loss);
    }

    @Override
    public void note(String sentence) {}
  }

  /** What a run logged, and the loss of every step. */
  private record Logged(List<Map<String, Object>> lines, List<Double> losses) {
    double value(int line, String name) {
      return ((Number) lines.get(line).get(name)).doubleValue();
    }
  }

  private Logged pretrain(Method method, int batch, int accumulate, int logEvery) throws Exception {
    Pretraining pretraining =
        new Pretraining(method, 0.5, 0.75, Pretraining.official(method).decoderMask(), true);
    ModelDescription description = new ModelDescription(CONFIG, CLIP, 2, pretraining);
    try (Device device = Device.cpu(1);
        MaskedAutoencoder model = new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(5), false);
        PretrainTask task = new PretrainTask(model, description, HYPER, device)) {
      return train(device, task, batch, accumulate, logEvery, ClipPolicy.pretraining(4, 2, 16));
    }
  }

  private Logged finetune(int batch, int accumulate) throws Exception {
    VideoClassifier.Options options = new VideoClassifier.Options(2, null, true, false, 0.3, 1);
    ModelDescription description =
        new ModelDescription(CONFIG, CLIP, 2, new Classification(options));
    try (Device device = Device.cpu(1);
        VideoClassifier model =
            new VideoClassifier(CONFIG, CLIP, options, device, Rng.seed(5), false);
        FinetuneTask task =
            new FinetuneTask(model, description, HYPER, Criterion.labels(0.1), device)) {
      return train(device, task, batch, accumulate, 1, ClipPolicy.pretraining(4, 2, 16));
    }
  }

  private Logged train(
      Device device,
      TrainingTask<?> task,
      int batch,
      int accumulate,
      int logEvery,
      ClipPolicy policy)
      throws Exception {
    RunFolder run =
        new RunFolder(folder.resolve("%s-%s-%s".formatted(batch, accumulate, logEvery)));
    Budget budget = new Budget(STEPS, 2, batch, accumulate);
    Heard heard = new Heard();
    Trainer trainer =
        new Trainer(
            device, task, new Trainer.Settings(budget, HYPER, 5, 100, 9, logEvery), run, heard);
    VideoList list =
        VideoList.read(videos.resolve("train.csv"), null, VideoList.Labels.REQUIRED, 2);
    SkipLog skips = new SkipLog(null);
    try (ClipLoader loader = ClipLoader.of(list, policy).batch(batch).seed(5).open()) {
      TrainingResult result = trainer.run(Trainer.Position.START, loader);
      assertEquals(STEPS, result.steps());
      assertEquals(heard.losses.getLast(), result.loss());
      assertTrue(result.clipsPerSecond() > 0);
      assertEquals(0, result.skipped());
    }
    return new Logged(
        MetricsLog.read(
            run,
            sentence -> {
              throw new AssertionError(sentence);
            }),
        heard.losses);
  }

  private static void assertAlike(Logged whole, Logged split) {
    for (int step = 0; step < STEPS; step++) {
      assertEquals(whole.losses.get(step), split.losses.get(step), 1e-4, "loss of step " + step);
      double norm = whole.value(step, "grad_norm");
      assertEquals(norm, split.value(step, "grad_norm"), 1e-3 * norm, "norm of step " + step);
    }
    assertNotEquals(whole.losses.get(0), whole.losses.get(1));
  }

  /** A part of a step draws what its clips would draw in the whole batch. */
  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"EVEREST", "VIDEOMAE", "ST_MAE"})
  void aSplitBatchOfPretrainingGivesTheSameSteps(Method method) throws Exception {
    assertAlike(pretrain(method, 4, 1, 1), pretrain(method, 2, 2, 1));
  }

  @Test
  void aSplitBatchOfFinetuningGivesTheSameSteps() throws Exception {
    assertAlike(finetune(4, 1), finetune(1, 4));
  }

  @Test
  void linesHoldEpochRateAndTheMeanLossSinceTheLast() throws Exception {
    Logged each = pretrain(Method.VIDEOMAE, 2, 2, 1);
    Logged some = pretrain(Method.VIDEOMAE, 2, 2, 2);
    assertEquals(each.losses, some.losses);
    // 1.5 epochs of 2 steps of warm-up to the rate of a total batch of 4.
    CosineSchedule schedule = CosineSchedule.ofSteps(0.5 * 4 / 256, 0.01 * 4 / 256, STEPS, 3);
    assertEquals(STEPS, each.lines.size());
    for (int step = 0; step < STEPS; step++) {
      assertEquals(step + 1, each.value(step, "step"));
      assertEquals((step + 1) / 2.0, each.value(step, "epoch"));
      assertEquals(schedule.at(step), each.value(step, "lr"), 1e-15);
      assertEquals(each.losses.get(step), each.value(step, "loss"), 1e-12);
    }
    assertEquals(3, some.lines.size());
    List<Double> losses = some.losses;
    assertEquals(2, some.value(0, "step"));
    assertEquals((losses.get(0) + losses.get(1)) / 2, some.value(0, "loss"), 1e-12);
    assertEquals(4, some.value(1, "step"));
    assertEquals((losses.get(2) + losses.get(3)) / 2, some.value(1, "loss"), 1e-12);
    assertEquals(5, some.value(2, "step"));
    assertEquals(losses.get(4), some.value(2, "loss"), 1e-12);
  }
}
