package dev.tenzing.engine.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Precision;
import dev.tenzing.engine.op.Conv1d;
import dev.tenzing.engine.op.FeedForward;
import dev.tenzing.engine.op.Linear;
import dev.tenzing.engine.op.MatMul;
import dev.tenzing.engine.op.Recompute;
import java.util.Arrays;
import java.util.Set;

/**
 * How far results in F32, or where factors or activations are rounded to BF16, may be from those in
 * double precision, as a fraction of the largest expected element: a few roundings, and as many
 * more as the errors of a sum's terms make when they add up like random numbers.
 *
 * @param tolerance the fraction
 */
record Closeness(double tolerance) {
  private static final double ROUNDING = 0x1p-24;
  private static final double BF16_ROUNDING = 0x1p-9;

  // What BF16 changes where activations are F32; the block of recompute has a linear layer.
  private static final Set<Class<?>> PRODUCTS =
      Set.of(Linear.class, FeedForward.class, Recompute.class, MatMul.class, Conv1d.class);

  /** For outputs; what is only moved must not change. */
  static Closeness forward(Case test, Device device) {
    return test.problem().sum() == 0 ? new Closeness(0) : backward(test, device);
  }

  /** For gradients, which may be sums even where the output is none. */
  static Closeness backward(Case test, Device device) {
    boolean bf16 =
        device.activations() == DType.BF16
            || device.precision() == Precision.BF16 && PRODUCTS.contains(test.operation());
    double rounding = bf16 ? BF16_ROUNDING : ROUNDING;
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
