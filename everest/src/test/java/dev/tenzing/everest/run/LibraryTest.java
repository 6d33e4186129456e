package dev.tenzing.everest.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.recipe.DataRecipe;
import dev.tenzing.everest.recipe.FinetuneRecipe;
import dev.tenzing.everest.recipe.Length;
import dev.tenzing.everest.recipe.ModelRecipe;
import dev.tenzing.everest.recipe.PretrainRecipe;
import dev.tenzing.everest.recipe.Start;
import dev.tenzing.everest.recipe.Validation;
import dev.tenzing.everest.task.classification.Scores;
import dev.tenzing.everest.task.classification.Views;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.Batch;
import dev.tenzing.video.load.ClipLoader;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs without a command line: docs/library.md shows what stands here. */
class LibraryTest {
  @TempDir private static Path videos;
  @TempDir private Path folder;
  private final List<String> notes = new ArrayList<>();

  @BeforeAll
  static void makeVideos() throws IOException {
    new SyntheticActions(2, 2, 1, 32, 1).write(videos, done -> {});
  }

  private DataRecipe data() {
    return DataRecipe.of(videos.resolve("train.csv")).clips(8, 2, 32);
  }

  @Test
  void preTrainsFineTunesAndClassifies() throws Exception {
    PretrainRecipe pretrain =
        PretrainRecipe.of(
            Method.EVEREST,
            data(),
            ModelRecipe.of("tiny"),
            Length.steps(2, 2),
            folder.resolve("pre"));
    FinetuneRecipe finetune =
        FinetuneRecipe.of(
                Start.from(folder.resolve("pre")),
                data(),
                Length.steps(2, 2),
                folder.resolve("fine"))
            .with(new Validation(videos.resolve("val.csv"), new Views(1, 1), false));
    try (Device device = Device.cpu(1)) {
      new PretrainRun(pretrain).run(device, notes::add);
      RunOutcome outcome = new FinetuneRun(finetune).run(device, notes::add);
      assertEquals(2, outcome.evaluation().videos());
      assertTrue(outcome.training().finished());
      Map<String, Object> settings = outcome.record().options();
      assertEquals(0.75, settings.get("layer-decay"), "what was open is settled");
      assertEquals("dense", settings.get("sampling"));
      assertEquals(2, settings.get("classes"));
      assertEquals("tiny", settings.get("model"));
      Path video =
          VideoList.read(videos.resolve("val.csv"), null, VideoList.Labels.OPTIONAL, 0)
              .videos()
              .getFirst()
              .path();
      double[] probability = classify(folder.resolve("fine"), video, device);
      assertEquals(1, Arrays.stream(probability).sum(), 1e-5);
      assertEquals(2, probability.length);
    }
    assertTrue(
        notes.contains(
            "pretrain: 4 videos, 2 steps of 2 clips (1.0 epochs), learning rate 1.17e-06 to"
                + " 7.81e-08 after 0.1 epochs of warm-up, weight decay 0.05, layer decay 1.0"),
        notes::toString);
  }

  private static double[] classify(Path run, Path video, Device device) throws Exception {
    try (ModelFile file = ModelFile.open(run);
        VideoClassifier model = file.classifier(device)) {
      ModelDescription about = file.description();
      ClipPolicy views = ClipPolicy.testing(about.sampler(), about.clip().height(), 5, 3);
      VideoList one = VideoList.read(video, null, VideoList.Labels.OPTIONAL, 0);
      Scores scores = new Scores(model, about.input(model::tokens), 8);
      try (ClipLoader loader = ClipLoader.of(one, views).batch(1).singlePass().open();
          Batch batch = loader.next()) {
        return scores.of(batch.pixels(), batch.paths(), batch.views())[0];
      }
    }
  }

  @Test
  void aStoppedRunGoesOnToTheSameBits() throws Exception {
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    try (Device device = Device.cpu(1)) {
      new PretrainRun(recipe(whole)).run(device, notes::add);
      RunOutcome stopped = new PretrainRun(recipe(parts)).run(device, new StopsAtOnce());
      assertEquals(1, stopped.training().steps());
      RunOutcome rest = new PretrainRun(recipe(parts)).run(device, notes::add);
      assertTrue(rest.training().finished());
      assertArrayEquals(model(whole), model(parts));
      List<Path> before = files(parts);
      new PretrainRun(recipe(parts)).run(device, notes::add);
      PretrainRecipe other = recipe(parts).seeded(7);
      assertThrows(
          IllegalArgumentException.class, () -> new PretrainRun(other).run(device, notes::add));
      assertEquals(before, files(parts), "what is finished or refused changes nothing");
    }
  }

  private PretrainRecipe recipe(Path run) {
    return PretrainRecipe.of(
        Method.VIDEOMAE, data(), ModelRecipe.of("tiny"), Length.steps(2, 2), run);
  }

  private static byte[] model(Path run) throws IOException {
    return Files.readAllBytes(run.resolve("checkpoints/step-2").resolve(ModelFile.NAME));
  }

  private static List<Path> files(Path run) throws IOException {
    try (Stream<Path> all = Files.walk(run)) {
      return all.sorted().toList();
    }
  }

  private static final class StopsAtOnce implements RunListener {
    @Override
    public void note(String sentence) {}

    @Override
    public boolean stops() {
      return true;
    }
  }

  @Test
  void whatIsImpossibleIsRefusedWhenTheRecipeIsMade() {
    assertEquals(
        "--batch must be at least 1, got 0",
        assertThrows(IllegalArgumentException.class, () -> Length.steps(2, 0)).getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            PretrainRecipe.of(
                Method.EVEREST,
                DataRecipe.of(videos),
                ModelRecipe.of("tiny"),
                Length.steps(2, 2),
                videos.resolve("run")),
        "a run among its data");
  }
}
