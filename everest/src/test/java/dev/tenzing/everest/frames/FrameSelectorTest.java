package dev.tenzing.everest.frames;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Patchify;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VitConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameSelectorTest {
  private static final int SAMPLES = 20_000;
  private static final int PER_SLOT = 6;

  private static VitConfig config(int patch, int tubelet) {
    return new VitConfig("test", 4, 1, 1, patch, tubelet, 1, 4, 1, 1, 0, 1e-6);
  }

  private static IntFunction<Rng.Stream> draws(long step) {
    return sample -> Rng.seed(3).purpose("frames").at(step, sample);
  }

  /**
   * How often each pair of 4 slots of 6 tokens is drawn when so many of their tokens are kept; slot
   * 0 measures what slot 1 does.
   */
  private static Map<String, Double> pairs(double keep, int... changing) {
    float[] one = new float[4 * PER_SLOT];
    for (int slot = 1; slot < 4; slot++) {
      for (int i = 0; i < PER_SLOT; i++) {
        int token = slot * PER_SLOT + i;
        one[token] = one[token - PER_SLOT] + (i < changing[slot] ? 1 : 0);
      }
    }
    float[] all = new float[SAMPLES * one.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = one[i % one.length];
    }
    Map<String, Double> pairs = new HashMap<>();
    try (Device device = Device.cpu(1);
        Scope scope = device.scope()) {
      FrameSelector selector =
          new FrameSelector(
              new FrameSelection(2),
              new ReRoSelection(1 - keep),
              config(1, 1),
              new ClipShape(2, 2, 3),
              video -> device.tensor(Shape.of(SAMPLES, one.length, 1), all));
      FrameSelector.Choice choice =
          selector.choose(device.zeros(Shape.of(SAMPLES, 3, 4, 2, 3)), draws(0));
      int[] kept = Arrays.copyOf(choice.kept().toInts(), (int) choice.kept().dim(1));
      int[] counts = new int[4];
      Arrays.stream(kept).forEach(token -> counts[token / PER_SLOT]++);
      assertArrayEquals(changing, counts);
      int[] slots = choice.slots().toInts();
      for (int sample = 0; sample < SAMPLES; sample++) {
        int[] pair = Arrays.copyOfRange(slots, 6 * sample, 6 * sample + 2);
        for (int plane = 1; plane < 3; plane++) {
          int at = 6 * sample + 2 * plane;
          assertArrayEquals(pair, Arrays.copyOfRange(slots, at, at + 2));
        }
        pairs.merge(pair[0] + "" + pair[1], 1.0 / SAMPLES, Double::sum);
      }
    }
    return pairs;
  }

  private static void expect(Map<String, Double> pairs, String pair, double probability) {
    double deviation = Math.sqrt(probability * (1 - probability) / SAMPLES);
    assertEquals(probability, pairs.getOrDefault(pair, 0.0), 4 * deviation, pair);
  }

  @Test
  void slotsAreDrawnOneAfterTheOtherByTheirCounts() {
    // Of p = 1/6, 1/6, 4/6, 0: the pair i, j has p_i p_j / (1 - p_i) + p_j p_i / (1 - p_j).
    Map<String, Double> pairs = pairs(0.25, 1, 1, 4, 0);
    expect(pairs, "01", 1 / 15.0);
    expect(pairs, "02", 7 / 15.0);
    expect(pairs, "12", 7 / 15.0);
    assertEquals(3, pairs.size(), pairs::toString);
  }

  @Test
  void unequalCountsOfAllSlots() {
    Map<String, Double> pairs = pairs(0.5, 3, 3, 5, 1);
    int[] counts = {3, 3, 5, 1};
    for (int i = 0; i < 4; i++) {
      for (int j = i + 1; j < 4; j++) {
        double p = counts[i] / 12.0;
        double q = counts[j] / 12.0;
        expect(pairs, i + "" + j, p * q / (1 - p) + q * p / (1 - q));
      }
    }
  }

  @Test
  void equalCountsMakeAllPairsEquallyLikely() {
    Map<String, Double> pairs = pairs(0.5, 3, 3, 3, 3);
    for (String pair : new String[] {"01", "02", "03", "12", "13", "23"}) {
      expect(pairs, pair, 1 / 6.0);
    }
  }

  @Test
  void theOnlySlotThatCountsIsAlwaysDrawnAndTheOthersAreAlikeThen() {
    Map<String, Double> pairs = pairs(0.25, 0, 0, 6, 0);
    expect(pairs, "02", 1 / 3.0);
    expect(pairs, "12", 1 / 3.0);
    expect(pairs, "23", 1 / 3.0);
    assertEquals(3, pairs.size(), pairs::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "16, 2, 8, 24, 16, 1.5",
    "4, 1, 5, 10, 15, 2.25",
    "6, 3, 4, 4, 8, 3",
    "2, 2, 3, 9, 3, 7"
  })
  void theClipConsistsOfTheFramesOfTheSlots(
      int frames, int tubelet, int patch, int height, int width, double alpha) {
    int batch = 3;
    try (Device device = Device.cpu(2);
        Scope scope = device.scope()) {
      FrameSelector selector =
          new FrameSelector(
              new FrameSelection(alpha),
              new ReRoSelection(0.6),
              config(patch, tubelet),
              new ClipShape(frames, height, width),
              video -> Patchify.apply(video, tubelet, patch));
      int all = selector.candidates().frames();
      assertEquals(alpha * frames, all);
      float[] pixels = new float[batch * 3 * all * height * width];
      Rng.Stream noise = Rng.seed(1).at(0, 0);
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = noise.nextGaussian();
      }
      Tensor video = device.tensor(Shape.of(batch, 3, all, height, width), pixels);
      FrameSelector.Choice choice = selector.choose(video, draws(7));
      int[] slots = choice.slots().toInts();
      float[] chosen = choice.video().toFloats();
      int count = frames / tubelet;
      int slotPixels = tubelet * height * width;
      for (int row = 0; row < batch * 3; row++) {
        for (int i = 0; i < count; i++) {
          int slot = slots[row * count + i];
          assertTrue(slot < all / tubelet && (i == 0 || slot > slots[row * count + i - 1]));
          int from = (row * (all / tubelet) + slot) * slotPixels;
          int to = (row * count + i) * slotPixels;
          assertArrayEquals(
              Arrays.copyOfRange(pixels, from, from + slotPixels),
              Arrays.copyOfRange(chosen, to, to + slotPixels));
        }
      }
    }
  }

  private static float[] chosen(int threads, int batch, int first, long step) {
    TokenGrid grid = new TokenGrid(6, 4, 4);
    ClipShape clip = new ClipShape(8, 32, 32);
    float[] pixels = new float[batch * 3 * 12 * 32 * 32];
    for (int b = 0; b < batch; b++) {
      Rng.Stream noise = Rng.seed(1).at(0, first + b);
      for (int i = 0; i < pixels.length / batch; i++) {
        pixels[b * (pixels.length / batch) + i] = noise.nextGaussian();
      }
    }
    try (Device device = Device.cpu(threads);
        Scope scope = device.scope()) {
      FrameSelector selector =
          new FrameSelector(
              FrameSelection.OFFICIAL,
              ReRoSelection.pretraining(),
              config(8, 2),
              clip,
              video -> Patchify.apply(video, 2, 8));
      assertEquals(grid, selector.grid());
      Tensor video = device.tensor(Shape.of(batch, 3, 12, 32, 32), pixels);
      return selector.choose(video, sample -> draws(step).apply(first + sample)).video().toFloats();
    }
  }

  @Test
  void aSampleIsTreatedAloneAsInABatchByAnyNumberOfThreads() {
    float[] all = chosen(1, 5, 0, 4);
    assertArrayEquals(all, chosen(3, 5, 0, 4));
    int one = all.length / 5;
    assertArrayEquals(Arrays.copyOfRange(all, 3 * one, 4 * one), chosen(2, 1, 3, 4));
    assertFalse(Arrays.equals(all, chosen(1, 5, 0, 5)), "another step draws other frames");
  }

  @Test
  void noGradientFlowsThroughTheChoice() {
    try (Device device = Device.cpu(1);
        Step step = device.step()) {
      Tensor weight = device.full(Shape.of(1, 12, 1), 1).requiresGrad();
      FrameSelector selector =
          new FrameSelector(
              new FrameSelection(2),
              new ReRoSelection(0.5),
              config(1, 1),
              new ClipShape(2, 1, 3),
              video -> weight.reshape(1, 12, 1));
      Tensor video = device.zeros(Shape.of(1, 3, 4, 1, 3));
      assertFalse(selector.choose(video, draws(0)).video().isTracked());
    }
  }

  @Test
  void framesThatMakeNoWholeSlotsAreRefusedWithFactorsThatDo() {
    ClipShape clip = ClipShape.square(16, 224);
    assertEquals(24, FrameSelection.OFFICIAL.candidates(clip, 2).frames());
    assertEquals(18, new FrameSelection(1.125).candidates(clip, 2).frames());
    assertEquals(14, new FrameSelection(1.4).candidates(ClipShape.square(10, 224), 2).frames());
    refused(1.3, clip, "1.3 x 16 = 20.8 frames, which is no multiple of the tubelet 2");
    refused(1.3, clip, "a factor of 1.25 or 1.375 makes one");
    refused(1.05, clip, "a factor of 1.125 or 1.25 makes one");
    refused(1.5, ClipShape.square(2, 224), "= 3 frames");
    refused(1, clip, "a factor above 1 such as 1.5, not 1.0");
    refused(Double.NaN, clip, "not NaN");
    refused(1e30, clip, "too large");
  }

  private static void refused(double alpha, ClipShape clip, String words) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new FrameSelection(alpha).candidates(clip, 2));
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @Test
  void oneKeptTokenIsEnough() {
    FrameSelector selector =
        new FrameSelector(
            FrameSelection.OFFICIAL,
            new ReRoSelection(0.9),
            config(8, 2),
            new ClipShape(4, 16, 16),
            video -> video);
    assertEquals(1, new ReRoSelection(0.9).keptTokens(selector.grid()));
  }

  @Test
  void aSelectionThatKeepsNothingIsRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new FrameSelector(
                    FrameSelection.OFFICIAL,
                    new ReRoSelection(0.9),
                    config(8, 2),
                    ClipShape.square(4, 8),
                    video -> video));
    assertTrue(e.getMessage().contains("of 3 (3x1x1) none is kept"), e.getMessage());
  }

  @Test
  void testsDrawByNameAndView() {
    int draw = FrameSelection.testing(Path.of("a/clip.mp4"), 2).nextInt();
    assertEquals(draw, FrameSelection.testing(Path.of("/b/clip.mp4"), 2).nextInt());
    assertNotEquals(draw, FrameSelection.testing(Path.of("a/clip.mp4"), 1).nextInt());
    assertNotEquals(draw, FrameSelection.testing(Path.of("a/other.mp4"), 2).nextInt());
  }
}
