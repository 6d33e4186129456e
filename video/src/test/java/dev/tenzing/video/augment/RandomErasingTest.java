package dev.tenzing.video.augment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.augment.RandomErasing.Mode;
import dev.tenzing.video.random.KeyedRandom;
import dev.tenzing.video.transform.Crop;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RandomErasingTest {
  private static final int SIZE = 40;
  private static final int FRAMES = 5;

  @Test
  void erasesAsOftenAndAsMuchAsTold() {
    RandomErasing rule = new RandomErasing(0.25, Mode.PIXEL, 1);
    KeyedRandom random = new KeyedRandom(1);
    int erased = 0;
    for (int i = 0; i < 4000; i++) {
      Erasure erasure = rule.draw(224, random);
      if (erasure != null) {
        erased++;
        Crop box = erasure.boxes().getFirst();
        double area = box.width() * box.height() / (224.0 * 224);
        assertTrue(area > 0.018 && area < 0.34, box::toString);
        assertTrue(box.x() >= 0 && box.x() + box.width() <= 224, box::toString);
        assertTrue(box.y() >= 0 && box.y() + box.height() <= 224, box::toString);
      }
    }
    assertEquals(0.25, erased / 4000.0, 0.03);
  }

  @Test
  void severalBoxesShareTheAreaOfOne() {
    RandomErasing rule = new RandomErasing(1, Mode.PIXEL, 4);
    KeyedRandom random = new KeyedRandom(2);
    int[] counts = new int[5];
    double total = 0;
    for (int i = 0; i < 1000; i++) {
      List<Crop> boxes = rule.draw(224, random).boxes();
      counts[boxes.size()]++;
      double area =
          boxes.stream().mapToDouble(box -> box.width() * box.height() / (224.0 * 224)).sum();
      assertTrue(area > 0.018 && area < 0.34, boxes::toString);
      total += area;
    }
    assertEquals((0.02 + 1 / 3.0) / 2, total / 1000, 0.02);
    for (int count = 1; count <= 4; count++) {
      assertEquals(250, counts[count], 60);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void paintsTheSameBoxInEveryFrame(Mode mode) {
    Crop box = new Crop(7, 3, 20, 31);
    byte[] clip = new byte[3 * FRAMES * SIZE * SIZE];
    Arrays.fill(clip, (byte) 1);
    new Erasure(List.of(box), mode, 9).apply(MemorySegment.ofArray(clip), FRAMES, SIZE);
    double[] sum = new double[3];
    double[] squares = new double[3];
    for (int i = 0; i < clip.length; i++) {
      int x = i / 3 % SIZE;
      int y = i / 3 / SIZE % SIZE;
      boolean inside = x >= 7 && x < 27 && y >= 3 && y < 34;
      if (!inside) {
        assertEquals(1, clip[i]);
      } else {
        double value = clip[i] & 0xFF;
        sum[i % 3] += value;
        squares[i % 3] += value * value;
      }
    }
    double count = FRAMES * 20.0 * 31;
    double[] mean = {124, 116, 104};
    double[] deviation = {0.229 * 255, 0.224 * 255, 0.225 * 255};
    for (int c = 0; c < 3; c++) {
      double m = sum[c] / count;
      double d = Math.sqrt(squares[c] / count - m * m);
      switch (mode) {
        case CONST -> assertEquals(mean[c], m);
        case PIXEL -> {
          assertEquals(mean[c], m, 3);
          assertEquals(deviation[c], d, 3);
        }
        case RAND -> assertTrue(d > 0, "one colour a frame, another in each");
      }
    }
  }

  @Test
  void noiseIsNormal() {
    byte[] rgb = new byte[3 * 100_000];
    NormalNoise.fill(rgb, 100_000, new KeyedRandom(4));
    int[] limits = {124 - 58, 124, 124 + 58};
    double[] below = new double[3];
    for (int i = 0; i < rgb.length; i += 3) {
      for (int k = 0; k < 3; k++) {
        below[k] += (rgb[i] & 0xFF) < limits[k] ? 1e-5 : 0;
      }
    }
    assertEquals(0.159, below[0], 0.01);
    assertEquals(0.5, below[1], 0.01);
    assertEquals(0.841, below[2], 0.01);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void smallPicturesStayWithinBounds(int size) {
    RandomErasing rule = new RandomErasing(1, Mode.RAND, 3);
    KeyedRandom random = new KeyedRandom(size);
    for (int i = 0; i < 50; i++) {
      byte[] clip = new byte[3 * 2 * size * size];
      rule.draw(size, random).apply(MemorySegment.ofArray(clip), 2, size);
    }
  }

  @Test
  void theSameKeyPaintsTheSame() {
    byte[] one = paint(7);
    assertArrayEquals(one, paint(7));
    assertNotEquals(Arrays.hashCode(one), Arrays.hashCode(paint(8)));
  }

  private static byte[] paint(long key) {
    byte[] clip = new byte[3 * 16];
    new Erasure(List.of(new Crop(0, 0, 4, 4)), Mode.PIXEL, key)
        .apply(MemorySegment.ofArray(clip), 1, 4);
    return clip;
  }
}
