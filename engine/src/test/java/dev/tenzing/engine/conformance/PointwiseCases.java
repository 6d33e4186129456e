package dev.tenzing.engine.conformance;

import dev.tenzing.engine.Rng;
import dev.tenzing.engine.op.Add;
import dev.tenzing.engine.op.Cast;
import dev.tenzing.engine.op.Dropout;
import dev.tenzing.engine.op.LayerNorm;
import dev.tenzing.engine.op.Residual;
import dev.tenzing.engine.op.Scale;
import dev.tenzing.engine.op.Softmax;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** Operations on elements and rows; sizes M, C, or B, N, C for residuals. */
final class PointwiseCases {
  private PointwiseCases() {}

  static Problem add(Draw draw, int... s) {
    return new Problem(
        1,
        List.of(draw.variable(s[0], s[1]), draw.variable(s[0], s[1])),
        t -> Add.apply(t[0], t[1]),
        in -> map(in[0].length, i -> in[0][i] + in[1][i]));
  }

  static Problem scale(Draw draw, int... s) {
    float alpha = -1.7f;
    return new Problem(
        1,
        List.of(draw.variable(s[0], s[1])),
        t -> Scale.apply(t[0], alpha),
        in -> map(in[0].length, i -> alpha * in[0][i]));
  }

  static Problem cast(Draw draw, int... s) {
    return new Problem(
        1,
        List.of(draw.variable(s[0], s[1])),
        t -> Cast.apply(t[0], t[0].device().activations()),
        in -> in[0].clone());
  }

  static Problem layerNorm(Draw draw, int... s) {
    return new Problem(
        Math.max(s[0], s[1]),
        List.of(draw.variable(s[0], s[1]), draw.variable(s[1]), draw.variable(s[1])),
        t -> LayerNorm.apply(t[0], t[1], t[2], 1e-2f),
        in -> Formulas.layerNorm(in[0], in[1], in[2], s[0], s[1], 1e-2f));
  }

  static Problem softmax(Draw draw, int... s) {
    return new Problem(
        s[1],
        List.of(draw.variable(s[0], s[1])),
        t -> Softmax.apply(t[0]),
        in -> {
          double[] log = Formulas.logSoftmax(in[0], s[0], s[1]);
          return map(log.length, i -> Math.exp(log[i]));
        });
  }

  static Problem residual(Draw draw, int... s) {
    return residual(draw, false, false, s);
  }

  static Problem residualGamma(Draw draw, int... s) {
    return residual(draw, true, false, s);
  }

  static Problem residualSampleScale(Draw draw, int... s) {
    return residual(draw, false, true, s);
  }

  static Problem residualGammaSampleScale(Draw draw, int... s) {
    return residual(draw, true, true, s);
  }

  private static Problem residual(Draw draw, boolean gamma, boolean sampleScale, int... s) {
    List<Input> inputs = new ArrayList<>();
    inputs.add(draw.variable(s[0], s[1], s[2]));
    inputs.add(draw.variable(s[0], s[1], s[2]));
    if (gamma) {
      inputs.add(draw.variable(s[2]));
    }
    if (sampleScale) {
      inputs.add(draw.coarse(3, s[0]));
    }
    int last = inputs.size() - 1;
    return new Problem(
        s[0] * s[1],
        inputs,
        t -> Residual.apply(t[0], t[1], gamma ? t[2] : null, sampleScale ? t[last] : null),
        in ->
            map(
                in[0].length,
                i -> {
                  double factor = gamma ? in[2][i % s[2]] : 1;
                  factor *= sampleScale ? in[last][i / (s[1] * s[2])] : 1;
                  return in[0][i] + factor * in[1][i];
                }));
  }

  /** Draw i of sample b's stream decides on its element i. */
  static Problem dropout(Draw draw, int... s) {
    float rate = 0.3f;
    Rng rng = Rng.seed(s[0] * 31L + s[1]);
    int n = s[1] * s[2];
    return new Problem(
        1,
        List.of(draw.variable(s[0], s[1], s[2])),
        t -> Dropout.apply(t[0], rate, rng, 5, 7),
        in -> {
          double[] y = new double[in[0].length];
          for (int b = 0; b < s[0]; b++) {
            Rng.Stream draws = rng.at(5, 7 + b);
            for (int i = b * n; i < (b + 1) * n; i++) {
              y[i] = draws.nextFloat() < rate ? 0 : in[0][i] / (1 - (double) rate);
            }
          }
          return y;
        });
  }

  /** The values of a function of the place. */
  static double[] map(int n, IntToDoubleFunction value) {
    double[] y = new double[n];
    Arrays.setAll(y, value);
    return y;
  }
}
