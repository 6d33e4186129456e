package dev.tenzing.everest.task.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.NormalizeVideo;
import dev.tenzing.everest.frames.ClipInput;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.frames.FrameSelector;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.Pixels;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Probabilities of several views: each view's are computed here alone, one clip at a time. */
class ScoresTest {
  private static final VitConfig CONFIG =
      new VitConfig("test", 12, 2, 3, 8, 2, 4, 8, 1, 2, 0, 1e-6);
  private static final ClipShape CLIP = new ClipShape(4, 16, 16);
  private static final int CLASSES = 5;
  private static final int VIEWS = 3;
  private static final List<Path> FILES = List.of(Path.of("a/one.mp4"), Path.of("b/two.mp4"));

  private final Device device = Device.cpu(1);

  // A head of large weights: classes that differ, and views that do not agree.
  private final VideoClassifier model =
      new VideoClassifier(
          CONFIG,
          CLIP,
          new VideoClassifier.Options(CLASSES, new ReRoSelection(0.4), true, false, 0, 60),
          device,
          Rng.seed(4),
          false);

  @AfterEach
  void close() {
    model.close();
    device.close();
  }

  private static byte[] noise(ClipShape clip, int clips) {
    byte[] pixels = new byte[clips * 3 * clip.frames() * clip.height() * clip.width()];
    Rng.Stream draws = Rng.seed(9).at(0, 0);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) draws.nextInt();
    }
    return pixels;
  }

  private double[] softmax(Tensor video) {
    float[] logits = model.logits(video).toFloats();
    double[] exp = IntStream.range(0, CLASSES).mapToDouble(c -> Math.exp(logits[c])).toArray();
    double sum = Arrays.stream(exp).sum();
    return Arrays.stream(exp).map(e -> e / sum).toArray();
  }

  /** What each clip of a batch gives on its own; views of a video follow one another. */
  private double[][] alone(
      byte[] pixels, ClipShape clip, FrameSelector selector, IntFunction<Rng.Stream> draws) {
    int bytes = 3 * clip.frames() * clip.height() * clip.width();
    double[][] each = new double[pixels.length / bytes][];
    for (int i = 0; i < each.length; i++) {
      try (Scope scope = device.scope()) {
        Tensor video =
            NormalizeVideo.apply(
                device.tensor(
                    DType.U8,
                    Shape.of(1, clip.frames(), clip.height(), clip.width(), 3),
                    MemorySegment.ofArray(Arrays.copyOfRange(pixels, i * bytes, (i + 1) * bytes))),
                Pixels.MEAN,
                Pixels.STD);
        if (selector != null) {
          Rng.Stream stream = draws.apply(i);
          video = selector.choose(video, sample -> stream).video();
        }
        each[i] = softmax(video);
      }
    }
    return each;
  }

  private static double[] mean(double[][] each, int from, int to) {
    return IntStream.range(0, each[0].length)
        .mapToDouble(
            c -> IntStream.range(from, to).mapToDouble(i -> each[i][c]).average().orElse(0))
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 6, 100})
  void aVideosProbabilitiesAreTheMeanOfItsViews(int clipsAtOnce) {
    byte[] pixels = noise(CLIP, 2 * VIEWS);
    double[][] each = alone(pixels, CLIP, null, null);
    for (int v = 0; v < 2; v++) {
      double[] mean = mean(each, v * VIEWS, (v + 1) * VIEWS);
      for (int view = 0; view < VIEWS; view++) {
        double[] one = each[v * VIEWS + view];
        double apart =
            IntStream.range(0, CLASSES).mapToDouble(c -> Math.abs(one[c] - mean[c])).sum();
        assertTrue(apart > 1e-2, "a view that is the mean of all proves nothing: " + apart);
      }
    }
    double[][] found =
        new Scores(model, ClipInput.whole(CLIP), clipsAtOnce)
            .of(MemorySegment.ofArray(pixels), FILES, VIEWS);
    assertEquals(2, found.length);
    assertArrayEquals(mean(each, 0, VIEWS), found[0], 1e-5);
    assertArrayEquals(mean(each, VIEWS, 2 * VIEWS), found[1], 1e-5);
  }

  @Test
  void chosenClassesShareEveryViewAmongThem() {
    byte[] pixels = noise(CLIP, 2 * VIEWS);
    List<Integer> chosen = List.of(3, 0, 4);
    double[][] each = alone(pixels, CLIP, null, null);
    double[][] among =
        Arrays.stream(each)
            .map(all -> {
              double sum = chosen.stream().mapToDouble(c -> all[c]).sum();
              return chosen.stream().mapToDouble(c -> all[c] / sum).toArray();
            })
            .toArray(double[][]::new);
    Scores scores = new Scores(model, ClipInput.whole(CLIP), 4, chosen);
    assertEquals(3, scores.classes());
    double[][] found = scores.of(MemorySegment.ofArray(pixels), FILES, VIEWS);
    assertArrayEquals(mean(among, 0, VIEWS), found[0], 1e-5);
    assertArrayEquals(mean(among, VIEWS, 2 * VIEWS), found[1], 1e-5);
  }

  /** The pixels of all views are the same here: only the draws of each differ. */
  @ParameterizedTest
  @ValueSource(ints = {1, 4, 6})
  void everyViewDrawsItsFramesItself(int clipsAtOnce) {
    FrameSelector selector =
        new FrameSelector(
            new FrameSelection(2), new ReRoSelection(0.4), CONFIG, CLIP, model::tokens);
    ClipShape loaded = selector.candidates();
    byte[] one = noise(loaded, 1);
    byte[] pixels = new byte[2 * VIEWS * one.length];
    for (int i = 0; i < 2 * VIEWS; i++) {
      System.arraycopy(one, 0, pixels, i * one.length, one.length);
    }
    double[][] each =
        alone(
            pixels, loaded, selector, i -> FrameSelection.testing(FILES.get(i / VIEWS), i % VIEWS));
    long different = Arrays.stream(each).map(Arrays::toString).distinct().count();
    assertTrue(different >= 3, "too few views chose other frames: " + different);
    double[][] found =
        new Scores(model, new ClipInput(loaded, selector), clipsAtOnce)
            .of(MemorySegment.ofArray(pixels), FILES, VIEWS);
    assertArrayEquals(mean(each, 0, VIEWS), found[0], 1e-5);
    assertArrayEquals(mean(each, VIEWS, 2 * VIEWS), found[1], 1e-5);
  }
}
