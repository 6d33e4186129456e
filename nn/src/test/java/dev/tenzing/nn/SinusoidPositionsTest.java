package dev.tenzing.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Position tables against sums over the tables of the official code. */
class SinusoidPositionsTest {
  @ParameterizedTest
  @CsvSource({
    "1568, 384, 122425.85787317061, 377914.3647366146, 82546257.23480442",
    "1568, 768, 245744.98956693235, 755658.2318002505, 165850313.26729774",
    "2048, 1408, 543941.7398720327, 1817211.7930507953, 471854118.66573375",
    "64, 48, 1147.3411306092166, 1801.357916000823, 34750.32407582208",
  })
  void sumsAreTheOfficialOnes(int n, int c, double sum, double absolute, double rowWeighted) {
    try (Device device = TestDevices.reference();
        Tensor table = SinusoidPositions.table(device, n, c)) {
      assertEquals(Shape.of(n, c), table.shape());
      float[] values = table.toFloats();
      double sums = 0;
      double absolutes = 0;
      double rowWeighteds = 0;
      for (int i = 0; i < values.length; i++) {
        sums += values[i];
        absolutes += Math.abs(values[i]);
        rowWeighteds += (i / c + 1.0) * values[i];
      }
      // A last bit may differ where a sine falls between two floats.
      assertEquals(sum, sums, 1e-9 * absolute);
      assertEquals(absolute, absolutes, 1e-9 * absolute);
      assertEquals(rowWeighted, rowWeighteds, 1e-9 * n * absolute);
    }
  }

  @Test
  void elementsAreTheOfficialOnes() {
    try (Device device = TestDevices.reference();
        Tensor table = SinusoidPositions.table(device, 1568, 384)) {
      float[] values = table.toFloats();
      int last = 1567 * 384;
      assertEquals(0.6089484095573425f, values[last]);
      assertEquals(-0.7932098507881165f, values[last + 1]);
      assertEquals(-0.9753188490867615f, values[last + 2]);
      assertEquals(0.9865167140960693f, values[last + 383]);
      assertEquals(-0.751489520072937f, values[1564 * 384 + 101]);
    }
  }
}
