package dev.tenzing.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import java.util.Arrays;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

/** Stochastic depth: rates over the depth, keyed draws, and the factor of kept branches. */
class DroppingTest {
  @Test
  void ratesRiseLinearlyInSinglePrecision() {
    assertArrayEquals(new float[] {0, 0.2f, 0.4f}, Dropping.rates(0.4, 3));
    assertArrayEquals(new float[] {0, 0.15f, 0.3f}, Dropping.rates(0.3, 3));
    assertArrayEquals(new float[] {0}, Dropping.rates(0.3, 1));
    assertArrayEquals(new float[4], Dropping.rates(0, 4));
  }

  @Test
  void dropoutDropsAShareAndScalesTheRest() {
    try (Device device = TestDevices.reference();
        Scope scope = device.scope()) {
      Dropping draws = Dropping.random(Rng.seed(1), 2, 0, new float[0]);
      Tensor ones = device.full(Shape.of(4, 1000), 1);
      float[] dropped = draws.dropout(ones, 0.2, "here").toFloats();
      int zeros = 0;
      for (float value : dropped) {
        zeros += value == 0 ? 1 : 0;
        assertTrue(value == 0 || value == 1.25f, "value " + value);
      }
      assertEquals(800, zeros, 80);
      assertArrayEquals(dropped, draws.dropout(ones, 0.2, "here").toFloats());
      assertFalse(Arrays.equals(dropped, draws.dropout(ones, 0.2, "there").toFloats()));
      // The second half of a batch draws as a batch that starts there.
      Tensor half = device.full(Shape.of(2, 1000), 1);
      assertArrayEquals(
          Arrays.copyOfRange(dropped, 2000, 4000),
          Dropping.random(Rng.seed(1), 2, 2, new float[0]).dropout(half, 0.2, "here").toFloats());
      assertSame(ones, draws.dropout(ones, 0, "here"));
      assertSame(ones, Dropping.NONE.dropout(ones, 0.2, "here"));
    }
  }

  @Test
  void refusesARateThatKeepsNothing() {
    var error = assertThrows(IllegalArgumentException.class, () -> Dropping.rates(1, 4));
    assertEquals(
        "the rate of stochastic depth must be at least 0 and below 1, got 1.0", error.getMessage());
  }

  @Test
  void drawsDependOnStepSampleBlockAndBranch() {
    BitSet draws = draws(3, 0, 0, 0);
    assertEquals(draws, draws(3, 0, 0, 0), "same key");
    assertNotEquals(draws, draws(4, 0, 0, 0), "step");
    assertNotEquals(draws, draws(3, 0, 1, 0), "block");
    assertNotEquals(draws, draws(3, 0, 0, 1), "branch");
    // The second half of a batch draws as a batch that starts there.
    assertEquals(draws.get(32, 64), draws(3, 32, 0, 0).get(0, 32));
  }

  private static BitSet draws(long step, long first, int block, int branch) {
    Dropping dropping = Dropping.random(Rng.seed(5), step, first, new float[] {0.5f, 0.5f});
    BitSet kept = new BitSet();
    for (int sample = 0; sample < 64; sample++) {
      kept.set(sample, dropping.keeps(block, branch, sample));
    }
    return kept;
  }

  @Test
  void dropsAsOftenAsTheRateSays() {
    int n = 20_000;
    Dropping dropping = Dropping.random(Rng.seed(6), 0, 0, new float[] {0, 0.3f});
    int dropped = 0;
    for (int sample = 0; sample < n; sample++) {
      assertEquals(true, dropping.keeps(0, 0, sample), "rate 0 keeps all");
      dropped += dropping.keeps(1, 0, sample) ? 0 : 1;
    }
    assertEquals(0.3, (double) dropped / n, 4 * Math.sqrt(0.3 * 0.7 / n));
  }

  @Test
  void factorIsZeroOrTheInverseOfTheKeepProbability() {
    try (Device device = TestDevices.reference();
        Scope scope = device.scope()) {
      Dropping odd = (block, branch, sample) -> sample % 2 == 1;
      float kept = (float) (1 / (1 - (double) 0.3f));
      assertArrayEquals(new float[] {0, kept, 0}, odd.scale(device, 0, 0, 3, 0.3f).toFloats());
    }
  }
}
