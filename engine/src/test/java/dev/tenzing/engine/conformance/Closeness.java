package dev.tenzing.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.engine.DType;
import java.util.Arrays;

/**
 * How far results in F32, or with activations in BF16, may be from those in double precision, as a
 * fraction of the largest expected element: a few roundings, and as many more as the errors of a
 * sum's terms make when they add up like random numbers.
 *
 * @param tolerance the fraction
 */
record Closeness(double tolerance) {
  private static final double ROUNDING = 0x1p-24;
  private static final double BF16_ROUNDING = 0x1p-9;

  /** For outputs; what is only moved must not change. */
  static Closeness forward(Case test, DType activations) {
    return test.problem().sum() == 0 ? new Closeness(0) : backward(test, activations);
  }

  /** For gradients, which may be sums even where the output is none. */
  static Closeness backward(Case test, DType activations) {
    double rounding = activations == DType.BF16 ? BF16_ROUNDING : ROUNDING;
    return new Closeness(rounding * (8 + 2 * Math.sqrt(test.problem().sum())));
  }

  void check(double[] expected, double[] actual, String what) {
    assertEquals(expected.length, actual.length, what);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    // Below this, expected zeros are only as good as the finite differences.
    double allowed = tolerance == 0 ? 0 : tolerance * largest + 1e-9;
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(expected[i] - actual[i]) <= allowed)) {
        assertEquals(expected[i], actual[i], allowed, what + " at " + i);
      }
    }
  }

  /** Checks each gradient against the formula's derivative in one random direction. */
  void checkAlongDirections(Case test, double[][] gradients) {
    for (int i = 0; i < gradients.length; i++) {
      if (gradients[i] != null) {
        checkAlongDirection(test, i, gradients[i]);
      }
    }
  }

  private void checkAlongDirection(Case test, int input, double[] gradient) {
    double[] direction = new Draw(input).normal(gradient.length);
    double expected =
        FiniteDifferences.along(test.problem(), test.outputGradient(), input, direction);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < gradient.length; i++) {
      sum += gradient[i] * direction[i];
      squares += Math.pow(gradient[i] * direction[i], 2);
    }
    double allowed = tolerance * Math.sqrt(squares) + 1e-9;
    assertEquals(expected, sum, allowed, "gradient of input " + input);
  }
}
