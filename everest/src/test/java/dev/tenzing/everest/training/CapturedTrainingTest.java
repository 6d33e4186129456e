package dev.tenzing.everest.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Precision;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.cuda.CudaBackend;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Graphs;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.RawMemory;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Training by replays of captured steps has the bits of training without, on the emulated GPU. */
@Tag("cuda")
class CapturedTrainingTest {
  private static final ClipShape CLIP = ClipShape.square(4, 16);
  private static final VitConfig CONFIG =
      new VitConfig("test", 24, 2, 3, 4, 2, 4, 16, 1, 2, 0, 1e-6);
  private static final int STEPS = 6;

  @TempDir private static Path videos;
  @TempDir private Path folder;

  private Precision precision = Precision.FP32;
  private final List<String> notes = new ArrayList<>();
  private final List<Double> losses = new ArrayList<>();
  private int replays;

  @BeforeAll
  static void makeVideos() throws IOException {
    Path libraries = Path.of(System.getenv().getOrDefault("TENZING_CUDA_PATH", ""));
    assumeTrue(
        Files.exists(libraries.resolve("libcuda.so.1")),
        "no stand-ins for a GPU: the engine's tests make them, and need g++");
    new SyntheticActions(2, 3, 1, 48, 1).write(videos, done -> {});
  }

  private interface Model {
    TrainingTask<?> task(Device device, Hyper hyper);
  }

  private Model pretraining(Method method, FrameSelection frames) {
    Pretraining pretraining =
        new Pretraining(method, 0.75, 0.5, Pretraining.official(method).decoderMask(), true);
    ModelDescription description =
        new ModelDescription(CONFIG, CLIP, 2, pretraining).withFrames(frames);
    return (device, hyper) ->
        new PretrainTask(
            new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(5), false),
            description,
            hyper,
            device);
  }

  private Model finetuning(double dropout) {
    VideoClassifier.Options options =
        new VideoClassifier.Options(2, ReRoSelection.finetuning(), true, false, 0.5, 1, dropout, 0);
    ModelDescription description =
        new ModelDescription(CONFIG, CLIP, 2, new Classification(options));
    return (device, hyper) ->
        new FinetuneTask(
            new VideoClassifier(CONFIG, CLIP, options, device, Rng.seed(5), true),
            description,
            hyper,
            Criterion.labels(0.1),
            device);
  }

  /** Trains from a step on and returns the model of the last one. */
  private byte[] train(
      Model model, String name, boolean captures, Hyper hyper, int accumulate, int from)
      throws Exception {
    notes.clear();
    losses.clear();
    replays = 0;
    Trainer.Settings settings =
        new Trainer.Settings(new Budget(STEPS, 2, 2, accumulate), hyper, 5, 3, 9, 4);
    RunFolder run = new RunFolder(folder.resolve(name));
    Backend gpu = CudaBackend.create(0, precision);
    try (Device device = new Device(new Watched(gpu, captures))) {
      TrainingTask<?> task = model.task(device, hyper);
      Trainer.Position position = Trainer.Position.START;
      if (from > 0) {
        Path saved = run.checkpoints().path().resolve("step-" + from);
        position = TrainingState.restore(CheckpointFolder.open(saved), task, settings);
      }
      ClipShape clip = task.description().loadedClip();
      DenseSampling sampling = new DenseSampling(CLIP.frames(), 2);
      ClipPolicy policy =
          clip.equals(CLIP)
              ? ClipPolicy.pretraining(CLIP.frames(), 2, CLIP.height())
              : ClipPolicy.pretraining(
                  new CandidateSampling(sampling, clip.frames()), CLIP.height());
      VideoList list =
          VideoList.read(videos.resolve("train.csv"), null, VideoList.Labels.REQUIRED, 2);
      SkipLog skips = new SkipLog(null);
      try (ClipLoader loader =
          ClipLoader.of(list, policy)
              .batch(2)
              .seed(5)
              .threads(1)
              .start(position.cursor())
              .skipLog(skips)
              .open()) {
        new Trainer(device, task, settings, run, new Notes()).run(position, loader);
      }
    }
    return Files.readAllBytes(
        run.checkpoints().path().resolve("step-" + STEPS).resolve(ModelFile.NAME));
  }

  private void sameBits(Model model, int accumulate) throws Exception {
    Hyper hyper = Hyper.finetuning().clipped(1);
    byte[] plain = train(model, "plain", false, hyper, accumulate, 0);
    List<Double> expected = List.copyOf(losses);
    byte[] captured = train(model, "captured", true, hyper, accumulate, 0);
    assertEquals(expected, losses);
    int kinds = Math.min(accumulate, 2);
    assertEquals(STEPS * accumulate - kinds, replays, "all but the first batch of a kind");
    assertEquals(STEPS, losses.stream().distinct().count(), "the clips change");
    assertArrayEquals(plain, captured);
    assertEquals(withoutTimes(folder.resolve("plain")), withoutTimes(folder.resolve("captured")));
    assertEquals(List.of(), notes);
    assertArrayEquals(plain, train(model, "captured", true, hyper, accumulate, 3), "resumed");
    assertEquals(1, notes.size(), notes::toString);
    assertTrue(notes.getFirst().contains("it is called set-aside-step-6"), notes::toString);
  }

  /** What the metrics say that does not depend on the clock or on memory. */
  private static List<String> withoutTimes(Path run) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(new RunFolder(run).metrics())) {
      lines.add(line.replaceFirst("\"clips_per_s\".*", ""));
    }
    return lines;
  }

  @ParameterizedTest
  @EnumSource(Method.class)
  void pretrainingHasTheSameBits(Method method) throws Exception {
    sameBits(pretraining(method, null), method == Method.EVEREST ? 3 : 1);
  }

  @Test
  void pretrainingOnSelectedFramesHasTheSameBits() throws Exception {
    sameBits(pretraining(Method.EVEREST, FrameSelection.OFFICIAL), 1);
  }

  @Test
  void pretrainingInBf16HasTheSameBits() throws Exception {
    precision = Precision.BF16;
    sameBits(pretraining(Method.EVEREST, null), 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FP32", "BF16"})
  void finetuningHasTheSameBits(Precision precision) throws Exception {
    this.precision = precision;
    sameBits(finetuning(0), 1);
  }

  @Test
  void dropoutIsNotCapturedAndSaysSo() throws Exception {
    Hyper hyper = Hyper.finetuning().clipped(1);
    byte[] plain = train(finetuning(0.2), "plain", false, hyper, 1, 0);
    assertEquals(List.of(), notes);
    assertArrayEquals(plain, train(finetuning(0.2), "captured", true, hyper, 1, 0));
    assertEquals(
        List.of(
            "steps are not captured as a CUDA graph: dropout draws by the number of the step, which"
                + " a kernel is told when it is launched"),
        notes);
    assertEquals(0, replays);
  }

  @Test
  void aLossThatIsNotFiniteStopsTheRunBeforeACheckpoint() {
    Hyper hyper = new Hyper(1e38, 0, 0, 0, 1, 0.9, 0.95, 1e-8, 0);
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () -> train(pretraining(Method.VIDEOMAE, null), "wild", true, hyper, 1, 0));
    assertTrue(e.getMessage().startsWith("at step 2 the loss is "), e.getMessage());
    assertTrue(
        e.getMessage().contains("gradients that are not finite: mask_token"), e.getMessage());
    assertEquals(1, losses.size());
    assertTrue(Files.notExists(folder.resolve("wild/checkpoints/step-3")));
  }

  private final class Notes implements TrainingListener {
    @Override
    public void stepped(long step, long steps, double loss, double clipsPerSecond, int skipped) {
      losses.add(loss);
    }

    @Override
    public void note(String sentence) {
      notes.add(sentence);
    }
  }

  /** A GPU whose steps run as they are, or are captured and replayed before our eyes. */
  private final class Watched implements Backend {
    private final Backend backend;
    private final boolean captures;

    Watched(Backend backend, boolean captures) {
      this.backend = backend;
      this.captures = captures;
    }

    @Override
    public String name() {
      return backend.name();
    }

    @Override
    public RawMemory memory() {
      return backend.memory();
    }

    @Override
    public Kernels kernels() {
      return backend.kernels();
    }

    @Override
    public DType activations() {
      return backend.activations();
    }

    @Override
    public Optional<Graphs> graphs() {
      return captures ? backend.graphs().map(WatchedGraphs::new) : Optional.empty();
    }

    @Override
    public void close() {
      backend.close();
    }
  }

  private final class WatchedGraphs implements Graphs {
    private final Graphs graphs;

    WatchedGraphs(Graphs graphs) {
      this.graphs = graphs;
    }

    @Override
    public void begin() {
      graphs.begin();
    }

    @Override
    public Graph end() {
      Graph graph = graphs.end();
      return new Graph() {
        @Override
        public void launch() {
          replays++;
          graph.launch();
        }

        @Override
        public void close() {
          graph.close();
        }
      };
    }

    @Override
    public void abandon() {
      graphs.abandon();
    }

    @Override
    public Inlet inlet(long target, long staging, long bytes) {
      return graphs.inlet(target, staging, bytes);
    }

    @Override
    public Outlet outlet(long bytes) {
      return graphs.outlet(bytes);
    }
  }
}
