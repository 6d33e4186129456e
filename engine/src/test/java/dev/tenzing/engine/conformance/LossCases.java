package dev.tenzing.engine.conformance;

import dev.tenzing.engine.op.KlDivergence;
import dev.tenzing.engine.op.MeanSquaredError;
import dev.tenzing.engine.op.SoftTargetCrossEntropy;
import java.util.List;

/** Losses; sizes M, C. */
final class LossCases {
  private LossCases() {}

  static Problem squaredError(Draw draw, int... s) {
    return new Problem(
        1,
        List.of(draw.variable(s[0], s[1]), draw.constant(s[0], s[1])),
        t -> MeanSquaredError.apply(t[0], t[1]),
        in -> {
          double sum = 0;
          for (int i = 0; i < in[0].length; i++) {
            sum += Math.pow(in[0][i] - in[1][i], 2);
          }
          return new double[] {sum / in[0].length};
        });
  }

  static Problem weightedSquaredError(Draw draw, int... s) {
    double count = 2.5;
    return new Problem(
        1,
        List.of(draw.variable(s[0], s[1]), draw.constant(s[0], s[1]), draw.constant(s[0])),
        t -> MeanSquaredError.apply(t[0], t[1], t[2], count),
        in -> {
          double sum = 0;
          for (int i = 0; i < in[0].length; i++) {
            sum += in[2][i / s[1]] * Math.pow(in[0][i] - in[1][i], 2);
          }
          return new double[] {sum / s[1] / count};
        });
  }

  /** Targets that do not sum to 1, as with mixed labels cut short. */
  static Problem crossEntropy(Draw draw, int... s) {
    return new Problem(
        s[1],
        List.of(draw.variable(s[0], s[1]), draw.coarse(7, s[0], s[1])),
        t -> SoftTargetCrossEntropy.apply(t[0], t[1]),
        in -> {
          double[] log = Formulas.logSoftmax(in[0], s[0], s[1]);
          double sum = 0;
          for (int i = 0; i < log.length; i++) {
            sum -= in[1][i] * log[i];
          }
          return new double[] {sum / s[0]};
        });
  }

  static Problem divergence(Draw draw, int... s) {
    return divergence(draw, false, s);
  }

  static Problem reverseDivergence(Draw draw, int... s) {
    return divergence(draw, true, s);
  }

  private static Problem divergence(Draw draw, boolean reverse, int... s) {
    float temperature = 1.5f;
    return new Problem(
        s[1],
        List.of(draw.variable(s[0], s[1]), draw.constant(s[0], s[1])),
        t -> KlDivergence.apply(t[0], t[1], temperature, reverse),
        in -> {
          double[] q = softened(in[0], s[0], s[1], temperature);
          double[] p = softened(in[1], s[0], s[1], temperature);
          double sum = 0;
          for (int i = 0; i < p.length; i++) {
            sum += reverse ? Math.exp(q[i]) * (q[i] - p[i]) : Math.exp(p[i]) * (p[i] - q[i]);
          }
          return new double[] {temperature * temperature * sum / s[0]};
        });
  }

  private static double[] softened(double[] logits, int M, int C, double temperature) {
    double[] divided = new double[logits.length];
    for (int i = 0; i < divided.length; i++) {
      divided[i] = logits[i] / temperature;
    }
    return Formulas.logSoftmax(divided, M, C);
  }
}
