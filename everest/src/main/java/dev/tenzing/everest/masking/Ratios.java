package dev.tenzing.everest.masking;

import dev.tenzing.engine.Rng;
import java.util.Arrays;

/** What masks by a ratio share. */
final class Ratios {
  private Ratios() {}

  /** Rejects a ratio outside (0, 1). */
  static void check(double ratio) {
    if (!(ratio > 0 && ratio < 1)) {
      throw new IllegalArgumentException("the mask ratio must lie between 0 and 1, got " + ratio);
    }
  }

  /**
   * Draws {@code count} of {@code n} things: those with the smallest of n uniform values; of equal
   * values the earlier one.
   */
  static int[] choose(Rng.Stream random, int n, int count) {
    long[] keys = new long[n];
    for (int i = 0; i < n; i++) {
      // The bits of floats that are not negative are in the order of their values.
      keys[i] = (long) Float.floatToIntBits(random.nextFloat()) << 32 | i;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys, 0, count).mapToInt(key -> (int) key).toArray();
  }
}
