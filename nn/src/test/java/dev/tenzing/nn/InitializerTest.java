package dev.tenzing.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import org.junit.jupiter.api.Test;

/** Initialisers: bounds and moments of the official distributions, and keyed draws. */
class InitializerTest {
  private static final Shape SHAPE = Shape.of(96, 160);

  private static float[] values(Initializer initializer, Shape shape, int seed) {
    float[] values = new float[(int) shape.size()];
    initializer.fill(values, shape, Rng.seed(seed).at(0, 0));
    return values;
  }

  /** Checks mean 0, a standard deviation within 3 %, and a bound that is nearly reached. */
  private static void check(Initializer initializer, double std, double bound, double reach) {
    float[] values = values(initializer, SHAPE, 1);
    double sum = 0;
    double squares = 0;
    double largest = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
      largest = Math.max(largest, Math.abs(value));
    }
    assertEquals(0, sum / values.length, 4 * std / Math.sqrt(values.length), "mean");
    assertEquals(std, Math.sqrt(squares / values.length), 0.03 * std, "standard deviation");
    assertTrue(largest <= bound, largest + " is beyond " + bound);
    assertTrue(largest > reach, largest + " does not reach " + reach);
  }

  @Test
  void xavierUniform() {
    double bound = Math.sqrt(6.0 / (96 + 160));
    check(Initializer.xavierUniform(), bound / Math.sqrt(3), bound, 0.99 * bound);
  }

  @Test
  void fanInIsKaimingUniformWithSquareRootOfFive() {
    double bound = 1 / Math.sqrt(160);
    check(Initializer.fanIn(160), bound / Math.sqrt(3), bound, 0.99 * bound);
  }

  @Test
  void truncatedNormalIsCutAtTwoAndNotAtTwoDeviations() {
    check(Initializer.truncatedNormal(0.02), 0.02, 2, 3 * 0.02);
  }

  @Test
  void truncatedNormalWithItsDeviationAsBound() {
    // Standard deviation of a normal cut at one of its own: sqrt(1 - 2 phi(1) / (2 Phi(1) - 1)).
    check(Initializer.truncatedNormal(0.02, 0.02), 0.02 * 0.53956, 0.02, 0.99 * 0.02);
  }

  @Test
  void constantsAndFactors() {
    Shape three = Shape.of(3);
    assertArrayEquals(new float[3], values(Initializer.ZEROS, three, 1));
    assertArrayEquals(new float[] {1, 1, 1}, values(Initializer.ONES, three, 1));
    assertArrayEquals(
        new float[] {5e-4f, 5e-4f, 5e-4f},
        values(Initializer.constant(0.5).times(0.001), three, 1));
  }

  @Test
  void drawsDependOnTheKeyAlone() {
    float[] values = values(Initializer.truncatedNormal(1), SHAPE, 2);
    assertArrayEquals(values, values(Initializer.truncatedNormal(1), SHAPE, 2));
    float[] other = values(Initializer.truncatedNormal(1), SHAPE, 3);
    assertTrue(values[0] != other[0] && values[9] != other[9]);
  }
}
