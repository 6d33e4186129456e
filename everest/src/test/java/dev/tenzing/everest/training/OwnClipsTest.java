package dev.tenzing.everest.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.CheckpointFolder;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.task.classification.Criterion;
import dev.tenzing.everest.task.classification.FinetuneTask;
import dev.tenzing.video.list.Annotation;
import dev.tenzing.video.load.Batch;
import dev.tenzing.video.load.ClipSource;
import dev.tenzing.video.load.Cursor;
import dev.tenzing.video.load.Sample;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on data that no loader of ours has read. */
class OwnClipsTest {
  private static final ClipShape CLIP = new ClipShape(4, 16, 16);
  private static final VitConfig CONFIG =
      new VitConfig("test", 12, 2, 3, 4, 2, 4, 12, 1, 2, 0, 1e-6);
  private static final Hyper HYPER = new Hyper(0.5, 0.01, 0, 0.05, 1, 0.9, 0.95, 1e-8, 0);
  private static final int BATCH = 3;
  private static final int STEPS = 4;

  @TempDir private Path folder;

  /** Noise, brighter for class 1. */
  private static final class Noise implements ClipSource {
    private final int frames;
    private final int end;
    private int number;

    Noise(Cursor start, int frames, int end) {
      this.number = start.position();
      this.frames = frames;
      this.end = end;
    }

    @Override
    public Batch next() {
      if (number == end) {
        return null;
      }
      byte[] pixels = new byte[BATCH * frames * 16 * 16 * 3];
      new Random(number).nextBytes(pixels);
      for (int i = 0; i < pixels.length / BATCH; i++) {
        pixels[i] |= 64;
      }
      List<Sample> samples = List.of(sample(1), sample(0), sample(0));
      number++;
      return new Batch(MemorySegment.ofArray(pixels), samples, new Cursor(0, number));
    }

    private static Sample sample(int label) {
      return new Sample(label, Path.of("noise"), Annotation.ofClass(label));
    }

    @Override
    public void close() {}
  }

  private static final class Silent implements TrainingListener {
    @Override
    public void stepped(long step, long steps, double loss, double clipsPerSecond, int skipped) {}

    @Override
    public void note(String sentence) {}
  }

  private TrainingResult train(RunFolder run, boolean resume, int frames, int end)
      throws Exception {
    VideoClassifier.Options options = new VideoClassifier.Options(2, null, true, false, 0.3, 1);
    ModelDescription description =
        new ModelDescription(CONFIG, CLIP, 2, new Classification(options));
    Trainer.Settings settings =
        new Trainer.Settings(new Budget(STEPS, 2, BATCH, 1), HYPER, 5, 2, 9, 1);
    try (Device device = Device.cpu(1);
        VideoClassifier model =
            new VideoClassifier(CONFIG, CLIP, options, device, Rng.seed(5), false);
        FinetuneTask task =
            new FinetuneTask(model, description, HYPER, Criterion.labels(0), device)) {
      Trainer.Position from =
          resume
              ? TrainingState.restore(
                  CheckpointFolder.open(run.checkpoints().path().resolve("step-2")), task, settings)
              : Trainer.Position.START;
      try (ClipSource clips = new Noise(from.cursor(), frames, end)) {
        return new Trainer(device, task, settings, run, new Silent()).run(from, clips);
      }
    }
  }

  private static byte[] model(RunFolder run) throws Exception {
    return Files.readAllBytes(run.checkpoints().path().resolve("step-4").resolve(ModelFile.NAME));
  }

  @Test
  void aSourceOfOnesOwnTrainsAndGoesOn() throws Exception {
    RunFolder run = new RunFolder(folder.resolve("run"));
    TrainingResult result = train(run, false, 4, 9);
    assertEquals(STEPS, result.steps());
    assertTrue(Double.isFinite(result.loss()));
    assertEquals(0, result.skipped());
    byte[] whole = model(run);
    train(run, true, 4, 9);
    assertArrayEquals(whole, model(run));
  }

  @Test
  void sourcesThatDoNotFitAreASentence() {
    RunFolder run = new RunFolder(folder.resolve("run"));
    String end = assertThrows(TrainingException.class, () -> train(run, false, 4, 3)).getMessage();
    assertTrue(end.startsWith("at step 4 there are no more clips; "), end);
    assertTrue(end.contains("step-2 is good"), end);
    String size = assertThrows(TrainingException.class, () -> train(run, false, 2, 9)).getMessage();
    assertTrue(size.startsWith("at step 1 the batch holds 4608 bytes; its 3 clips of 4 "), size);
  }
}
