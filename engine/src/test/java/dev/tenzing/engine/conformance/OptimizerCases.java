package dev.tenzing.engine.conformance;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.OptimizerKernels;
import dev.tenzing.engine.kernel.OptimizerKernels.AdamW;
import dev.tenzing.engine.kernel.OptimizerKernels.GlobalNorm;
import dev.tenzing.engine.kernel.OptimizerKernels.Parameter;
import dev.tenzing.engine.op.Concat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The optimiser's kernels, called directly: they are no operations. Sizes: of two arrays. */
final class OptimizerCases {
  private OptimizerCases() {}

  static Problem globalNorm(Draw draw, int... s) {
    return new Problem(
        1,
        List.of(draw.constant(s[0]), draw.constant(s[1])),
        t -> norm(t[0], t[1]),
        in -> new double[] {norm(in[0], in[1])});
  }

  /** Clipped to a norm of 0.5; the first array at step 1, the second at step 7. */
  static Problem clippedAdamW(Draw draw, int... s) {
    return adamW(draw, 0.5, s);
  }

  static Problem adamW(Draw draw, int... s) {
    return adamW(draw, 0, s);
  }

  private static Problem adamW(Draw draw, double maxNorm, int... s) {
    double[] rate = {1e-1, 3e-2};
    double[] decay = {0, 5e-2};
    long[] step = {1, 7};
    return new Problem(
        1,
        List.of(
            draw.constant(s[0]), draw.constant(s[1]),
            draw.constant(s[0]), draw.constant(s[1]),
            draw.coarse(9, s[0]), draw.coarse(9, s[1]),
            draw.coarse(9, s[0]), draw.coarse(9, s[1])),
        t -> {
          List<Parameter> updated = new ArrayList<>();
          for (int i = 0; i < 2; i++) {
            updated.add(
                new Parameter(
                    t[i].address(),
                    t[2 + i].address(),
                    t[4 + i].address(),
                    t[6 + i].address(),
                    s[i],
                    rate[i],
                    decay[i],
                    step[i]));
          }
          Operand norm = Operand.of(norm(t[2], t[3]));
          OptimizerKernels kernels = t[0].device().kernels().optimizer();
          kernels.adamW(new AdamW(updated, 0.9, 0.95, 1e-3, norm, maxNorm));
          return Concat.apply(0, t[0], t[1], t[4], t[5], t[6], t[7]);
        },
        in -> {
          double clip = maxNorm > 0 ? Math.min(1, maxNorm / (norm(in[2], in[3]) + 1e-6)) : 1;
          double[] p = new double[s[0] + s[1]];
          double[] m = new double[s[0] + s[1]];
          double[] v = new double[s[0] + s[1]];
          for (int i = 0; i < p.length; i++) {
            int array = i < s[0] ? 0 : 1;
            int at = i - array * s[0];
            double g = clip * in[2 + array][at];
            m[i] = 0.9 * in[4 + array][at] + 0.1 * g;
            v[i] = 0.95 * in[6 + array][at] + 0.05 * g * g;
            double first = m[i] / (1 - Math.pow(0.9, step[array]));
            double second = v[i] / (1 - Math.pow(0.95, step[array]));
            double decayed = in[array][at] * (1 - rate[array] * decay[array]);
            p[i] = decayed - rate[array] * first / (Math.sqrt(second) + 1e-3);
          }
          double[] all = Arrays.copyOf(p, 3 * p.length);
          System.arraycopy(m, 0, all, p.length, m.length);
          System.arraycopy(v, 0, all, 2 * p.length, v.length);
          return all;
        });
  }

  private static Tensor norm(Tensor a, Tensor b) {
    Tensor norm = a.device().empty(Shape.SCALAR.toArray());
    List<Parameter> both =
        List.of(
            Parameter.gradient(a.address(), a.size()), Parameter.gradient(b.address(), b.size()));
    a.device().kernels().optimizer().globalNorm(new GlobalNorm(both, Operand.of(norm)));
    return norm;
  }

  private static double norm(double[] a, double[] b) {
    return Math.sqrt(
        Arrays.stream(a).map(x -> x * x).sum() + Arrays.stream(b).map(x -> x * x).sum());
  }
}
