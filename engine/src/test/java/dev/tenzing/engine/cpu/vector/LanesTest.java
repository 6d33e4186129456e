package dev.tenzing.engine.cpu.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Lane sums keep one order, interpreted and compiled. */
@Tag("kernels")
class LanesTest {
  // Enough calls for C2 to compile the sums on the way.
  private static final int CALLS = 30_000;

  @Test
  void sumsAddHalvesToHalvesFromTheFirstCallToTheLast() {
    Random random = new Random(1);
    float[] floats = new float[VectorSpec.F.length()];
    double[] doubles = new double[Lanes.D.length()];
    for (int call = 0; call < CALLS; call++) {
      for (int i = 0; i < floats.length; i++) {
        floats[i] = random.nextFloat() - 0.4f;
      }
      for (int i = 0; i < doubles.length; i++) {
        doubles[i] = random.nextDouble() - 0.4;
      }
      assertEquals(
          halves(floats.clone()), Lanes.sum(FloatVector.fromArray(VectorSpec.F, floats, 0)));
      assertEquals(halves(doubles.clone()), Lanes.sum(DoubleVector.fromArray(Lanes.D, doubles, 0)));
    }
  }

  private static float halves(float[] v) {
    for (int n = v.length / 2; n > 0; n /= 2) {
      for (int i = 0; i < n; i++) {
        v[i] += v[i + n];
      }
    }
    return v[0];
  }

  private static double halves(double[] v) {
    for (int n = v.length / 2; n > 0; n /= 2) {
      for (int i = 0; i < n; i++) {
        v[i] += v[i + n];
      }
    }
    return v[0];
  }
}
