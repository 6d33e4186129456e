package dev.tenzing.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RngTest {
  /** Known answers of the authors' Random123 library (kat_vectors, philox4x32 with 10 rounds). */
  @Test
  void philoxGivesThePublishedNumbers() {
    assertPhilox(
        "00000000 00000000 00000000 00000000",
        "00000000 00000000",
        "6627e8d5 e169c58d bc57ac4c 9b00dbd8");
    assertPhilox(
        "ffffffff ffffffff ffffffff ffffffff",
        "ffffffff ffffffff",
        "408f276d 41c83b0e a20bc7c6 6d5451fd");
    assertPhilox(
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1");
  }

  private static void assertPhilox(String counter, String key, String expected) {
    int[] block = words(counter);
    int[] keys = words(key);
    Rng.philox(block, keys[0], keys[1]);
    assertArrayEquals(words(expected), block);
  }

  private static int[] words(String hex) {
    return Arrays.stream(hex.split(" "))
        .mapToInt(word -> Integer.parseUnsignedInt(word, 16))
        .toArray();
  }

  @Test
  void aDrawDependsOnItsKeyAlone() {
    int[] first = draws(Rng.seed(7).purpose("mask").at(3, 5));
    Rng rng = Rng.seed(7).purpose("mask");
    rng.at(9, 9).nextInt();
    Rng.Stream other = rng.at(1, 1);
    Rng.Stream same = rng.at(3, 5);
    int[] mixed = new int[first.length];
    for (int i = 0; i < mixed.length; i++) {
      other.nextInt();
      mixed[i] = same.nextInt();
    }
    assertArrayEquals(first, mixed);
  }

  @Test
  void everyPartOfTheKeyMatters() {
    Set<String> seen = new HashSet<>();
    for (long seed : new long[] {0, 1, -1, 1L << 32}) {
      for (String purpose : new String[] {"mask", "dropPath", ""}) {
        for (long step : new long[] {0, 1, 1L << 32}) {
          for (long sample : new long[] {0, 1, -1}) {
            Rng rng = Rng.seed(seed).purpose(purpose);
            assertTrue(seen.add(Arrays.toString(draws(rng.at(step, sample)))));
            assertTrue(seen.add(Long.toString(rng.keyAt(step, sample))));
          }
        }
      }
    }
    assertNotEquals(
        Rng.seed(1).purpose("a").purpose("b").keyAt(0, 0),
        Rng.seed(1).purpose("b").purpose("a").keyAt(0, 0));
  }

  private static int[] draws(Rng.Stream stream) {
    return IntStream.range(0, 9).map(i -> stream.nextInt()).toArray();
  }

  @Test
  void boundedIntegersAreUniform() {
    Rng.Stream stream = Rng.seed(1).at(0, 0);
    int[] counts = new int[7];
    for (int i = 0; i < 70_000; i++) {
      counts[stream.nextInt(7)]++;
    }
    for (int count : counts) {
      assertEquals(10_000, count, 5 * Math.sqrt(10_000));
    }
    assertEquals(0, stream.nextInt(1));
    assertThrows(IllegalArgumentException.class, () -> stream.nextInt(0));
  }

  @Test
  void floatsAreUniformBelowOne() {
    Rng.Stream stream = Rng.seed(2).at(0, 0);
    int n = 100_000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      float value = stream.nextFloat();
      assertTrue(value >= 0 && value < 1);
      sum += value;
      squares += value * value;
    }
    assertEquals(1 / 2.0, sum / n, 5e-3);
    assertEquals(1 / 3.0, squares / n, 5e-3);
  }

  @Test
  void gaussiansHaveTheMomentsOfANormal() {
    Rng.Stream stream = Rng.seed(3).at(0, 0);
    int n = 100_000;
    double[] moments = new double[5];
    for (int i = 0; i < n; i++) {
      double value = stream.nextGaussian();
      assertTrue(Double.isFinite(value));
      for (int k = 1; k <= 4; k++) {
        moments[k] += Math.pow(value, k) / n;
      }
    }
    assertEquals(0, moments[1], 0.02);
    assertEquals(1, moments[2], 0.02);
    assertEquals(0, moments[3], 0.05);
    assertEquals(3, moments[4], 0.15);
  }
}
