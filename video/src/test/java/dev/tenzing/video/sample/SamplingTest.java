package dev.tenzing.video.sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.random.KeyedRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tables were made with the formulas of the reference loaders in numpy. */
class SamplingTest {
  /** A generator whose bounded draws give one number, to choose the start. */
  private record Fixed(int value) implements RandomGenerator {
    @Override
    public long nextLong() {
      throw new AssertionError("only a bounded number is drawn");
    }

    @Override
    public int nextInt(int bound) {
      assertTrue(value < bound, value + " is within " + bound);
      return value;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "100, 16, 4, 0, '0 4 8 12 16 20 24 28 32 36 40 44 48 52 56 60'",
    "100, 16, 4, 36, '36 40 44 48 52 56 60 64 68 72 76 80 84 88 92 96'",
    "64, 16, 4, 0, '0 4 8 12 16 20 24 28 32 36 40 44 48 52 56 60'",
    "40, 16, 4, 0, '0 4 8 12 16 20 24 28 32 36 36 36 36 36 36 36'",
    "15, 16, 4, 0, '0 4 8 12 12 12 12 12 12 12 12 12 12 12 12 12'",
    "10, 16, 1, 0, '0 1 2 3 4 5 6 7 8 8 8 8 8 8 8 8'",
    "33, 8, 4, 1, '1 5 9 13 17 21 25 29'"
  })
  void pretrainingFollowsTheReference(int total, int length, int stride, int start, String frames) {
    assertArrayEquals(
        numbers(frames), new DenseSampling(length, stride).pretraining(total, new Fixed(start)));
  }

  @ParameterizedTest
  @CsvSource({
    "100, 16, 4, 0, '0 4 8 12 17 21 25 29 34 38 42 46 51 55 59 63'",
    "100, 16, 4, 35, '35 39 43 47 52 56 60 64 69 73 77 81 86 90 94 98'",
    "300, 16, 4, 153, '153 157 161 165 170 174 178 182 187 191 195 199 204 208 212 216'",
    "64, 16, 4, 0, '0 4 8 12 17 21 25 29 34 38 42 46 51 55 59 63'",
    "40, 16, 4, 0, '0 4 8 13 17 22 26 31 35 39 39 39 39 39 39 39'",
    "15, 16, 4, 0, '0 7 14 14 14 14 14 14 14 14 14 14 14 14 14 14'",
    "3, 16, 4, 0, '2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2'",
    "5, 4, 4, 0, '0 4 4 4'"
  })
  void finetuningFollowsTheReference(int total, int length, int stride, int start, String frames) {
    assertArrayEquals(
        numbers(frames), new DenseSampling(length, stride).finetuning(total, new Fixed(start)));
  }

  @ParameterizedTest
  @CsvSource({
    "100, 4, 4, 5, '0 4 8 12 20 24 28 32 40 44 48 52 60 64 68 72 84 88 92 96'",
    "10, 4, 4, 3, '0 4 8 8 0 4 8 8 0 4 8 8'",
    "37, 8, 2, 2, '0 2 4 6 8 10 12 14 22 24 26 28 30 32 34 36'",
    "100, 4, 4, 1, '40 44 48 52'"
  })
  void testViewsFollowTheReference(int total, int length, int stride, int segments, String frames) {
    DenseSampling views = new DenseSampling(length, stride);
    int[] all = new int[segments * length];
    for (int i = 0; i < segments; i++) {
      System.arraycopy(views.view(total, i, segments), 0, all, i * length, length);
    }
    assertArrayEquals(numbers(frames), all);
  }

  @Test
  void everyDrawIsAscendingInsideAndReachesAllStarts() {
    DenseSampling sampling = new DenseSampling(4, 3);
    for (int total = 2; total < 40; total++) {
      Set<Integer> starts = new HashSet<>();
      for (int key = 0; key < 400; key++) {
        KeyedRandom random = new KeyedRandom(key);
        for (int[] frames :
            new int[][] {
              sampling.pretraining(total, random),
              sampling.finetuning(total, random),
              sampling.middle(total)
            }) {
          assertEquals(4, frames.length);
          int[] sorted = frames.clone();
          Arrays.sort(sorted);
          assertArrayEquals(sorted, frames);
          assertTrue(frames[0] >= 0 && frames[3] < total, Arrays.toString(frames));
        }
        starts.add(sampling.pretraining(total, random)[0]);
      }
      assertEquals(Math.max(1, total - 12 + 1), starts.size());
    }
  }

  @Test
  void sparseClipsAscendInsideTheVideoWhateverItsLength() {
    for (int length : new int[] {1, 4, 16}) {
      SparseSampling sampling = new SparseSampling(length);
      for (int total = 1; total < 70; total++) {
        KeyedRandom random = new KeyedRandom(total);
        assertInside(sampling.finetuning(total, random), length, total);
        assertInside(sampling.middle(total), length, total);
        for (int segments = 1; segments < 6; segments++) {
          for (int segment = 0; segment < segments; segment++) {
            assertInside(sampling.view(total, segment, segments), length, total);
          }
        }
      }
    }
    assertEquals(sampling(), sampling().withStride(7), "a stride means nothing to it");
  }

  private static Sampling sampling() {
    return SamplingRule.named("sparse").of(16, 4);
  }

  @Test
  void jitterStaysInsideAndBelowTheStride() {
    DenseSampling plain = new DenseSampling(8, 4);
    DenseSampling jittered = new DenseSampling(8, 4, true);
    for (int total = 1; total < 100; total++) {
      for (int key = 0; key < 50; key++) {
        int[] even = plain.finetuning(total, new KeyedRandom(key));
        int[] moved = jittered.finetuning(total, new KeyedRandom(key));
        assertInside(moved, 8, total);
        for (int i = 0; i < 8; i++) {
          assertTrue(moved[i] >= even[i] && moved[i] < even[i] + 4, Arrays.toString(moved));
        }
        for (int frame : jittered.pretraining(total, new KeyedRandom(key))) {
          assertTrue(frame >= 0 && frame < total);
        }
      }
    }
  }

  @Test
  void jitterMovesEveryFrameButTheLastByAllThereIs() {
    DenseSampling plain = new DenseSampling(8, 4);
    DenseSampling jittered = new DenseSampling(8, 4, true);
    List<Set<Integer>> moves =
        Stream.generate(() -> (Set<Integer>) new TreeSet<Integer>()).limit(8).toList();
    for (int key = 0; key < 100; key++) {
      int[] even = plain.finetuning(60, new KeyedRandom(key));
      int[] moved = jittered.finetuning(60, new KeyedRandom(key));
      for (int i = 0; i < 8; i++) {
        moves.get(i).add(moved[i] - even[i]);
      }
    }
    for (int i = 0; i < 7; i++) {
      assertEquals(Set.of(0, 1, 2, 3), moves.get(i), "frame " + i);
    }
    assertEquals(Set.of(0), moves.get(7), "nothing lies beyond the clip");
  }

  private static void assertInside(int[] frames, int length, int total) {
    assertEquals(length, frames.length);
    for (int i = 0; i < length; i++) {
      int before = i == 0 ? 0 : frames[i - 1];
      assertTrue(frames[i] >= before && frames[i] < total, Arrays.toString(frames));
    }
  }

  @Test
  void windowsCoverTheVideo() {
    SlidingWindows windows = new SlidingWindows(16, 1, 4);
    assertEquals(1, windows.count(3));
    assertArrayEquals(
        numbers("0 1 2 2 2 2 2 2 2 2 2 2 2 2 2 2"), windows.frames(3, 0), "stands still");
    SlidingWindows strided = new SlidingWindows(4, 3, 5);
    assertEquals(3, strided.count(20));
    assertArrayEquals(numbers("10 13 16 19"), strided.frames(20, 2));
    assertThrows(IllegalArgumentException.class, () -> strided.frames(20, 3));
    assertThrows(IllegalArgumentException.class, () -> new SlidingWindows(16, 1, 0));
  }

  @Test
  void rulesHaveNames() {
    assertEquals("16 frames over the whole video", new SparseSampling(16).label());
    assertEquals("16 frames x stride 4", new DenseSampling(16, 4).label());
    assertEquals("sparse", SamplingRule.SPARSE.label());
    assertEquals(SamplingRule.DENSE, SamplingRule.named("dense"));
    assertThrows(IllegalArgumentException.class, () -> SamplingRule.named("Dense"));
  }

  @Test
  void sizesThatMakeNoClipAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new DenseSampling(0, 4));
    assertThrows(IllegalArgumentException.class, () -> new DenseSampling(16, 0));
    assertThrows(IllegalArgumentException.class, () -> new DenseSampling(16, 4).view(100, 0, 0));
    for (Sampling sampling : new Sampling[] {new DenseSampling(16, 4), new SparseSampling(16)}) {
      assertThrows(IllegalArgumentException.class, () -> sampling.view(100, 2, 2));
      assertThrows(IllegalArgumentException.class, () -> sampling.view(100, -1, 2));
      assertEquals(16, sampling.view(100, 1, 2).length);
      assertEquals(16, sampling.view(100, 0, 1).length);
    }
    assertEquals(100, new SlidingWindows(1, 1, 1).count(100));
    assertArrayEquals(numbers("99"), new SlidingWindows(1, 1, 1).frames(100, 99));
    assertThrows(IllegalArgumentException.class, () -> new SlidingWindows(0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new SlidingWindows(1, 0, 1));
  }

  private static int[] numbers(String text) {
    return Arrays.stream(text.split(" ")).mapToInt(Integer::parseInt).toArray();
  }
}
