package dev.tenzing.video.augment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.augment.Mixing.Mode;
import dev.tenzing.video.random.KeyedRandom;
import dev.tenzing.video.transform.Crop;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MixingTest {
  private static final int SIZE = 13;
  private static final int FRAMES = 3;

  @ParameterizedTest
  @CsvSource({"BATCH, 4", "PAIR, 5", "ELEM, 5", "ELEM, 2", "BATCH, 1", "PAIR, 1", "ELEM, 1"})
  void everyRowIsItsShareOfTwoClips(Mode mode, int rows) {
    KeyedRandom random = new KeyedRandom(KeyedRandom.key(mode.ordinal(), rows));
    for (int i = 0; i < 40; i++) {
      byte[] before = new byte[3 * rows * FRAMES * SIZE * SIZE];
      random.nextBytes(before);
      byte[] after = before.clone();
      BatchMix mix = new Mixing(0.8, 1, 0.8, 0.5, mode).draw(rows, SIZE, random);
      mix.apply(MemorySegment.ofArray(after), FRAMES, SIZE);
      check(mix, before, after);
    }
  }

  private static void check(BatchMix mix, byte[] before, byte[] after) {
    int rows = mix.shares().length;
    int clip = before.length / rows;
    for (int row = 0; row < rows; row++) {
      double share = mix.shares()[row];
      Crop box = mix.boxes()[row];
      int replaced = 0;
      for (int i = 0; i < clip; i++) {
        int own = before[row * clip + i] & 0xFF;
        int other = before[(rows - 1 - row) * clip + i] & 0xFF;
        int x = i / 3 % SIZE;
        int y = i / 3 / SIZE % SIZE;
        double expected = share * own + (1 - share) * other;
        if (box != null) {
          boolean inside =
              x >= box.x()
                  && x < box.x() + box.width()
                  && y >= box.y()
                  && y < box.y() + box.height();
          replaced += inside ? 1 : 0;
          expected = inside ? other : own;
        }
        assertEquals(expected, after[row * clip + i] & 0xFF, box == null ? 0.51 : 0);
      }
      if (box != null) {
        assertEquals(1 - (double) replaced / clip, share, 1e-6, "the label follows the area");
      }
    }
  }

  @Test
  void modesDifferInWhatHasADrawOfItsOwn() {
    KeyedRandom random = new KeyedRandom(6);
    float[] batch = new Mixing(1, 0, 1, 0, Mode.BATCH).draw(6, SIZE, random).shares();
    float[] pair = new Mixing(1, 0, 1, 0, Mode.PAIR).draw(6, SIZE, random).shares();
    float[] elem = new Mixing(1, 0, 1, 0, Mode.ELEM).draw(6, SIZE, random).shares();
    assertEquals(1, distinct(batch));
    assertEquals(3, distinct(pair));
    assertEquals(pair[1], pair[4]);
    assertEquals(6, distinct(elem));
  }

  private static long distinct(float[] values) {
    return Arrays.stream(values(values)).distinct().count();
  }

  private static double[] values(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  @Test
  void probabilitiesAreThoseTold() {
    KeyedRandom random = new KeyedRandom(7);
    Mixing rule = new Mixing(0.8, 1, 0.6, 0.25, Mode.ELEM);
    int rows = 20_000;
    BatchMix mix = rule.draw(rows, 224, random);
    int mixed = 0;
    int cut = 0;
    for (int i = 0; i < rows; i++) {
      cut += mix.boxes()[i] == null ? 0 : 1;
      mixed += mix.boxes()[i] != null || mix.shares()[i] != 1 ? 1 : 0;
    }
    assertEquals(0.6, (double) mixed / rows, 0.02);
    assertEquals(0.25, (double) cut / mixed, 0.02);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void oneOfTheTwoAlone(Mode mode) {
    KeyedRandom random = new KeyedRandom(8);
    for (Crop box : new Mixing(0.8, 0, 1, 1, mode).draw(4, SIZE, random).boxes()) {
      assertNull(box);
    }
    for (Crop box : new Mixing(0, 1, 1, 0, mode).draw(4, SIZE, random).boxes()) {
      assertTrue(box != null);
    }
  }

  /** The mean of Beta(a, a) is 1/2, its variance 1 / (8 a + 4). */
  @ParameterizedTest
  @ValueSource(doubles = {0.001, 0.2, 0.8, 1, 2.5, 30})
  void sharesAreBetaDistributed(double alpha) {
    RandomGenerator random = new KeyedRandom(Double.doubleToLongBits(alpha));
    int draws = 20_000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < draws; i++) {
      double share = Beta.draw(alpha, random);
      assertTrue(share >= 0 && share <= 1);
      sum += share;
      squares += (share - 0.5) * (share - 0.5);
    }
    double variance = 1 / (8 * alpha + 4);
    assertEquals(0.5, sum / draws, 5 * Math.sqrt(variance / draws));
    assertEquals(variance, squares / draws, 0.04 * variance);
  }

  @Test
  void refusesWhatIsNoMixing() {
    for (double[] bad :
        new double[][] {
          {0, 0, 1, 0.5},
          {-1, 1, 1, 0.5},
          {1, Double.NaN, 1, 0.5},
          {1, 1, 1.1, 0.5},
          {1, 1, 1, -0.1}
        }) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Mixing(bad[0], bad[1], bad[2], bad[3], Mode.BATCH),
          () -> Arrays.toString(bad));
    }
  }
}
