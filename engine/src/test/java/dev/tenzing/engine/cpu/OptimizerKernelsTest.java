package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.KernelRig.TIGHT;
import static dev.tenzing.engine.cpu.KernelRig.assertClose;
import static dev.tenzing.engine.cpu.KernelRig.normal;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.OptimizerKernels.AdamW;
import dev.tenzing.engine.kernel.OptimizerKernels.GlobalNorm;
import dev.tenzing.engine.kernel.OptimizerKernels.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Gradient norm and AdamW against plain double loops, at sizes that are no multiple of a vector.
 */
@Tag("kernels")
class OptimizerKernelsTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 3, 1000})
  void optimizer(long step) {
    int[] sizes = {1, 3, 0, 7, 13, 16, 17, 156, 470, 70_001, 0};
    int arrays = sizes.length;
    long[] n = Arrays.stream(sizes).asLongStream().toArray();
    double[] lr = new double[arrays];
    double[] decay = new double[arrays];
    long[] steps = new long[arrays];
    double squares = 0;
    float[][][] values = new float[4][arrays][];
    for (int a = 0; a < arrays; a++) {
      lr[a] = 1e-3 * (a + 1);
      decay[a] = a % 2 * 0.05;
      steps[a] = step + a;
      for (int kind = 0; kind < 4; kind++) {
        values[kind][a] = normal(10L * a + kind, sizes[a]);
      }
      for (int i = 0; i < sizes[a]; i++) {
        values[3][a][i] = Math.abs(values[3][a][i]);
        squares += (double) values[1][a][i] * values[1][a][i];
      }
    }
    double norm = Math.sqrt(squares);
    float[][] results =
        KernelRig.run((k, rig) -> {
          long[] p = addresses(rig, values[0], true);
          long[] m = addresses(rig, values[2], true);
          long[] v = addresses(rig, values[3], true);
          long[] g = addresses(rig, values[1], false);
          long norms = rig.out(1);
          List<Parameter> updated = new ArrayList<>();
          for (int a = 0; a < arrays; a++) {
            updated.add(new Parameter(p[a], g[a], m[a], v[a], n[a], lr[a], decay[a], steps[a]));
          }
          k.optimizer().globalNorm(new GlobalNorm(updated, Operand.f32(norms)));
          k.optimizer().adamW(new AdamW(updated, 0.9, 0.95, 1e-8, Operand.f32(norms), 2.5));
        });
    double clip = 2.5 / (norm + 1e-6);
    for (int a = 0; a < arrays; a++) {
      double[][] expected = new double[3][sizes[a]];
      for (int i = 0; i < sizes[a]; i++) {
        double g = values[1][a][i] * clip;
        double m = 0.9 * values[2][a][i] + (1 - 0.9) * g;
        double v = 0.95 * values[3][a][i] + (1 - 0.95) * g * g;
        double mHat = m / (1 - Math.pow(0.9, steps[a]));
        double vHat = v / (1 - Math.pow(0.95, steps[a]));
        expected[0][i] =
            values[0][a][i] * (1 - lr[a] * decay[a]) - lr[a] * mHat / (Math.sqrt(vHat) + 1e-8);
        expected[1][i] = m;
        expected[2][i] = v;
      }
      for (int kind = 0; kind < 3; kind++) {
        assertClose(expected[kind], results[kind * arrays + a], TIGHT, "array " + a);
      }
    }
    assertEquals(norm, results[3 * arrays][0], 6e-8 * norm, "norm");
  }

  private static long[] addresses(KernelRig rig, float[][] values, boolean changes) {
    long[] addresses = new long[values.length];
    for (int a = 0; a < addresses.length; a++) {
      addresses[a] = changes ? rig.inOut(values[a]) : rig.in(values[a]);
    }
    return addresses;
  }

  @Test
  void withoutClippingTheNormIsNotRead() {
    float[][] results =
        KernelRig.run((k, rig) -> {
          long p = rig.inOut(new float[] {1});
          long g = rig.in(new float[] {1000});
          long m = rig.inOut(new float[] {0});
          long v = rig.inOut(new float[] {0});
          List<Parameter> updated = List.of(new Parameter(p, g, m, v, 1, 0.1, 0, 1));
          k.optimizer().adamW(new AdamW(updated, 0.9, 0.999, 1e-8, Operand.NONE, 0));
        });
    assertEquals(0.9, results[0][0], 1e-6);
    assertEquals(100, results[1][0], 1e-4);
  }
}
