package dev.tenzing.everest.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.collective.Collective;
import dev.tenzing.engine.collective.Single;
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
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.ClipLoader;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.Shard;
import dev.tenzing.video.load.SkipLog;
import dev.tenzing.video.synth.SyntheticActions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two ranks, each with its shard of the data, train the model that one process trains. */
class SharedRunTest {
  private static final VitConfig CONFIG =
      new VitConfig("test", 12, 1, 2, 8, 2, 4, 8, 1, 2, 0.02, 1e-6);
  private static final ClipShape CLIP = new ClipShape(16, 32, 32);
  private static final int STEPS = 3;

  @TempDir private static Path videos;
  @TempDir private Path folder;

  @BeforeAll
  static void makeVideos() throws IOException {
    new SyntheticActions(2, 2, 1, 48, 1).write(videos, done -> {});
    Files.writeString(videos.resolve("videos/text.mp4"), "no video");
    Path list = videos.resolve("train.csv");
    Files.writeString(list, "videos/text.mp4 1\n" + Files.readString(list));
  }

  /** Ranks that are threads. */
  private static final class Threads implements Collective {
    private static final class Shared {
      final CyclicBarrier barrier = new CyclicBarrier(2);
      final float[][][] values = new float[2][][];
    }

    private final Shared shared;
    private final int rank;

    Threads(Shared shared, int rank) {
      this.shared = shared;
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
      float[][] mine = new float[tensors.length][];
      for (int i = 0; i < mine.length; i++) {
        mine[i] = tensors[i].toFloats();
      }
      shared.values[rank] = mine;
      barrier();
      for (int i = 0; i < mine.length; i++) {
        float[] sums = new float[mine[i].length];
        for (int j = 0; j < sums.length; j++) {
          sums[j] = shared.values[0][i][j] + shared.values[1][i][j];
        }
        tensors[i].copyFrom(sums);
      }
      barrier();
    }

    @Override
    public void broadcast(int root, Tensor... tensors) {}

    @Override
    public void barrier() {
      try {
        shared.barrier.await();
      } catch (Exception e) {
        throw new IllegalStateException("the other rank is gone", e);
      }
    }

    @Override
    public void abort(String reason) {
      shared.barrier.reset();
    }

    @Override
    public void close() {}
  }

  private RunFolder train(String name, Collective ranks, Shard shard, int accumulate)
      throws Exception {
    RunFolder run = new RunFolder(folder.resolve(name));
    Hyper hyper = new Hyper(1e-2, 1e-2, 0, 0.05, 1, 0.9, 0.95, 1e-8, 0);
    Trainer.Settings settings =
        new Trainer.Settings(new Budget(STEPS, 2, 1, accumulate, ranks.size()), hyper, 5, 9, 2, 1);
    ModelDescription description =
        new ModelDescription(CONFIG, CLIP, 2, Pretraining.official(Method.VIDEOMAE));
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
                .batch(1)
                .seed(5)
                .shard(shard)
                .skipLog(skips)
                .open()) {
      Provenance provenance = Provenance.of(device, "pretrain", "r", "d");
      new Trainer(device, ranks, task, settings, run, provenance, listener)
          .run(Trainer.Position.START, loader);
    }
    assertEquals(1, skips.count());
    return run;
  }

  @Test
  void twoRanksTrainTheModelOfOne() throws Exception {
    RunFolder alone = train("alone", new Single(), Shard.ALL, 2);
    Threads.Shared shared = new Threads.Shared();
    FutureTask<RunFolder> second =
        new FutureTask<>(() -> train("second", new Threads(shared, 1), new Shard(1, 2), 1));
    Thread thread = Thread.ofPlatform().daemon().start(second);
    RunFolder first = train("first", new Threads(shared, 0), new Shard(0, 2), 1);
    second.get();
    thread.join();
    // Sums of gradients are rounded in another order; a step moves a weight by up to 8e-5.
    assertArrayEquals(weights(alone), weights(first), 1e-7f);
  }

  private static float[] weights(RunFolder run) throws IOException {
    Path file = run.checkpoints().path().resolve("step-" + STEPS).resolve(ModelFile.NAME);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(8 + Math.toIntExact(bytes.getLong(0)));
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  @Test
  void clipsOfAnotherRankAreRefused() {
    Threads ranks = new Threads(new Threads.Shared(), 1);
    assertThrows(IllegalArgumentException.class, () -> train("all", ranks, Shard.ALL, 1));
    assertThrows(IllegalArgumentException.class, () -> train("first", ranks, new Shard(0, 2), 1));
  }
}
