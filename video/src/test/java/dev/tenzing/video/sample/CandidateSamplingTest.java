package dev.tenzing.video.sample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.random.KeyedRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CandidateSamplingTest {
  @Test
  void framesLieEvenlyBetweenTheFirstAndTheLastOfTheClip() {
    int[] candidates = new CandidateSampling(new DenseSampling(16, 4), 24).view(100, 0, 2);
    // 60 frames in 23 steps, rounded down.
    int[] expected = IntStream.range(0, 24).map(j -> 60 * j / 23).toArray();
    assertArrayEquals(expected, candidates);
    assertEquals(
        "16 frames x stride 4 out of 24",
        new CandidateSampling(new DenseSampling(16, 4), 24).label());
  }

  @ParameterizedTest
  @CsvSource({"300", "100", "64", "40", "17", "5", "1"})
  void everyRuleBeginsAndEndsWhereItsClipDoes(int total) {
    for (int[] lengths : new int[][] {{16, 24}, {16, 18}, {4, 9}, {1, 2}}) {
      for (Sampling clip :
          List.of(
              new DenseSampling(lengths[0], 4),
              new DenseSampling(lengths[0], 1),
              new SparseSampling(lengths[0]))) {
        Sampling candidates = new CandidateSampling(clip, lengths[1]);
        for (int seed = 0; seed < 20; seed++) {
          check(
              clip.pretraining(total, new KeyedRandom(seed)),
              candidates.pretraining(total, new KeyedRandom(seed)),
              lengths[1]);
          check(
              clip.finetuning(total, new KeyedRandom(seed)),
              candidates.finetuning(total, new KeyedRandom(seed)),
              lengths[1]);
        }
        check(clip.middle(total), candidates.middle(total), lengths[1]);
        for (int segment = 0; segment < 3; segment++) {
          check(clip.view(total, segment, 3), candidates.view(total, segment, 3), lengths[1]);
        }
      }
    }
  }

  private static void check(int[] clip, int[] candidates, int length) {
    assertEquals(length, candidates.length);
    assertEquals(clip[0], candidates[0]);
    assertEquals(clip[clip.length - 1], candidates[length - 1]);
    for (int i = 1; i < length; i++) {
      assertTrue(candidates[i] >= candidates[i - 1], () -> Arrays.toString(candidates));
    }
  }

  @Test
  void jitterStaysInTheVideo() {
    Sampling candidates = new CandidateSampling(new DenseSampling(16, 4, true), 24);
    for (int total = 1; total < 80; total++) {
      for (int frame : candidates.pretraining(total, new KeyedRandom(total))) {
        assertTrue(frame >= 0 && frame < total);
      }
    }
  }

  @Test
  void theStrideOfASourceIsTheClips() {
    Sampling candidates = new CandidateSampling(new DenseSampling(16, 4), 24);
    assertEquals(new CandidateSampling(new DenseSampling(16, 2), 24), candidates.withStride(2));
  }

  @Test
  void asManyFramesAsTheClipLeaveNoChoice() {
    assertThrows(
        IllegalArgumentException.class, () -> new CandidateSampling(new DenseSampling(16, 4), 16));
  }
}
