package dev.tenzing.everest.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.collective.Collective;
import dev.tenzing.everest.checkpoint.Checkpoint;
import dev.tenzing.everest.checkpoint.ModelFile;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Budget;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.task.pretraining.PretrainTask;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.load.Batch;
import dev.tenzing.video.load.ClipLoader;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.ClipSource;
import dev.tenzing.video.load.Shard;
import dev.tenzing.video.load.SkipLog;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trainer of several processes, seen by one of them, and where its checkpoints come from. */
class RanksTest {
  private static final VitConfig CONFIG =
      new VitConfig("test", 12, 1, 2, 8, 2, 4, 8, 1, 2, 0.02, 1e-6);
  private static final ClipShape CLIP = new ClipShape(16, 32, 32);

  @TempDir private static Path videos;
  @TempDir private Path folder;

  /** Adds to each gradient what it is, as a second process with the same clips would. */
  private static final class Twins implements Collective {
    private final int rank;
    private final List<String> calls = new ArrayList<>();

    Twins(int rank) {
      this.rank = rank;
    }

    @Override
    public int rank() {
      return rank;
    }

    @Override
    public int size() {
      return 2;
    }

    @Override
    public void sum(Tensor... tensors) {
      calls.add("sum");
      for (Tensor tensor : tensors) {
        float[] values = tensor.toFloats();
        for (int i = 0; i < values.length; i++) {
          values[i] *= 2;
        }
        tensor.copyFrom(values);
      }
    }

    @Override
    public void broadcast(int root, Tensor... tensors) {}

    @Override
    public void barrier() {
      calls.add("barrier");
    }

    @Override
    public void abort(String reason) {
      calls.add(reason);
    }

    @Override
    public void close() {}
  }

  /** The clips of all as if they were those of one rank. */
  private static ClipSource shared(ClipLoader loader, Collective ranks) {
    return new ClipSource() {
      @Override
      public Batch next() throws VideoException, VideoListException {
        return loader.next();
      }

      @Override
      public Shard shard() {
        return new Shard(ranks.rank(), ranks.size());
      }

      @Override
      public void close() {}
    };
  }

  @BeforeAll
  static void makeVideos() throws IOException {
    new SyntheticActions(2, 2, 1, 48, 1).write(videos, done -> {});
  }

  private RunFolder train(String name, Collective ranks, double lr) throws Exception {
    RunFolder run = new RunFolder(folder.resolve(name));
    Hyper hyper = new Hyper(lr, lr, 0, 0.05, 1, 0.9, 0.95, 1e-8, 0);
    int size = ranks == null ? 1 : 2;
    Trainer.Settings settings =
        new Trainer.Settings(new Budget(2, 2, 2, 1, size), hyper, 5, 9, 2, 1);
    Pretraining pretraining = Pretraining.official(Method.VIDEOMAE);
    ModelDescription description = new ModelDescription(CONFIG, CLIP, 2, pretraining);
    VideoList list =
        VideoList.read(videos.resolve("train.csv"), null, VideoList.Labels.OPTIONAL, 0);
    SkipLog skips = new SkipLog(null);
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void stepped(
              long step, long steps, double loss, double clipsPerSecond, int skipped) {}

          @Override
          public void note(String sentence) {}
        };
    try (Device device = Device.cpu(1);
        MaskedAutoencoder model = new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(5), false);
        PretrainTask task = new PretrainTask(model, description, hyper, device);
        ClipLoader loader =
            ClipLoader.of(list, ClipPolicy.pretraining(16, 2, 32))
                .batch(2)
                .seed(5)
                .threads(1)
                .skipLog(skips)
                .open()) {
      Trainer trainer =
          ranks == null
              ? new Trainer(device, task, settings, run, listener)
              : new Trainer(
                  device,
                  ranks,
                  task,
                  settings,
                  run,
                  Provenance.of(device, "pretrain", "r", "d"),
                  listener);
      trainer.run(Trainer.Position.START, ranks == null ? loader : shared(loader, ranks));
    }
    return run;
  }

  @Test
  void theMeanOfTwinsIsThatOfOne() throws Exception {
    Twins first = new Twins(0);
    RunFolder both = train("both", first, 0.5e-2);
    assertEquals(List.of("sum", "sum", "barrier"), first.calls, "once a step, before the update");
    RunFolder alone = train("alone", null, 1e-2); // as the rate follows the clips of a step
    assertArrayEquals(model(alone), model(both));
    try (Checkpoint checkpoint = Checkpoint.look(both.path())) {
      Map<String, Object> from = checkpoint.provenance();
      assertEquals(
          List.of("version", "java", "device", "command", "recipe", "data", "seed", "time"),
          List.copyOf(from.keySet()));
      assertEquals(5L, from.get("seed"));
      assertTrue(from.get("device").toString().contains("processors"), from::toString);
      assertFalse(checkpoint.metadata().toString().contains("processors"), "not in the model");
    }
  }

  private static byte[] model(RunFolder run) throws IOException {
    return Files.readAllBytes(run.checkpoints().path().resolve("step-2").resolve(ModelFile.NAME));
  }

  @Test
  void onlyTheFirstWritesAndAllHearOfAFailure() throws Exception {
    Twins second = new Twins(1);
    assertFalse(Files.exists(train("second", second, 1e-2).path()), "the second writes nothing");
    assertEquals(List.of("sum", "sum", "barrier"), second.calls);
    Twins failing = new Twins(0);
    TrainingException e =
        assertThrows(TrainingException.class, () -> train("failing", failing, 1e30));
    assertEquals(e.getMessage(), failing.calls.getLast());
  }
}
