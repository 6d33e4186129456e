package dev.tenzing.engine.conformance;

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
}
