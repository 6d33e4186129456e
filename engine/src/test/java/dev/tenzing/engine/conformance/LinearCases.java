package dev.tenzing.engine.conformance;

import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.FeedForward;
import dev.tenzing.engine.op.LayerNorm;
import dev.tenzing.engine.op.Linear;
import dev.tenzing.engine.op.Recompute;
import java.util.List;

/** Linear layers and what is built of them; sizes M, N, K. */
final class LinearCases {
  private LinearCases() {}

  static Problem plain(Draw draw, int... s) {
    return new Problem(
        longest(s),
        List.of(draw.variable(s[0], s[2]), draw.weight(s[1], s[2])),
        t -> Linear.apply(t[0], t[1], null),
        in -> Formulas.linear(in[0], in[1], null, s[0], s[1], s[2]));
  }

  static Problem bias(Draw draw, int... s) {
    return new Problem(
        longest(s),
        List.of(draw.variable(s[0], s[2]), draw.weight(s[1], s[2]), draw.variable(s[1])),
        t -> Linear.apply(t[0], t[1], t[2]),
        in -> Formulas.linear(in[0], in[1], in[2], s[0], s[1], s[2]));
  }

  /** For what goes into further products. */
  static Problem activation(Draw draw, int... s) {
    return new Problem(
        longest(s),
        List.of(draw.variable(s[0], s[2]), draw.weight(s[1], s[2]), draw.variable(s[1])),
        t -> Linear.activation(t[0], t[1], t[2]),
        in -> Formulas.linear(in[0], in[1], in[2], s[0], s[1], s[2]));
  }

  /** With three dimensions of x, and a residual. */
  static Problem residual(Draw draw, int... s) {
    return new Problem(
        longest(s),
        List.of(
            draw.variable(1, s[0], s[2]),
            draw.weight(s[1], s[2]),
            draw.variable(s[1]),
            draw.variable(1, s[0], s[1])),
        t -> Linear.apply(t[0], t[1], t[2], t[3]),
        in -> {
          double[] y = Formulas.linear(in[0], in[1], in[2], s[0], s[1], s[2]);
          for (int i = 0; i < y.length; i++) {
            y[i] += in[3][i];
          }
          return y;
        });
  }

  static Problem feedForward(Draw draw, int... s) {
    return new Problem(
        longest(s) + s[1],
        List.of(
            draw.variable(s[0], s[2]),
            draw.weight(s[1], s[2]),
            draw.variable(s[1]),
            draw.weight(s[2], s[1]),
            draw.variable(s[2]),
            draw.variable(s[0], s[2])),
        t -> FeedForward.apply(t[0], t[1], t[2], t[3], t[4], t[5]),
        in -> {
          double[] y = feedForward(in[0], in[1], in[2], in[3], in[4], s);
          for (int i = 0; i < y.length; i++) {
            y[i] += in[5][i];
          }
          return y;
        });
  }

  static Problem feedForwardWithoutBias(Draw draw, int... s) {
    return new Problem(
        longest(s) + s[1],
        List.of(draw.variable(s[0], s[2]), draw.weight(s[1], s[2]), draw.weight(s[2], s[1])),
        t -> FeedForward.apply(t[0], t[1], null, t[2], null, null),
        in -> feedForward(in[0], in[1], null, in[2], null, s));
  }

  private static double[] feedForward(
      double[] x, double[] w1, double[] b1, double[] w2, double[] b2, int... s) {
    double[] hidden = Formulas.gelu(Formulas.linear(x, w1, b1, s[0], s[1], s[2]));
    return Formulas.linear(hidden, w2, b2, s[0], s[2], s[1]);
  }

  /** A block of two operations that is run twice, and forgets what is between them. */
  static Problem recompute(Draw draw, int... s) {
    return new Problem(
        longest(s) + s[1],
        List.of(
            draw.variable(s[0], s[2]),
            Draw.parameter(draw.variable(s[2])),
            Draw.parameter(draw.variable(s[2])),
            Draw.parameter(draw.weight(s[1], s[2])),
            Draw.parameter(draw.variable(s[1])),
            Draw.parameter(draw.weight(s[2], s[1]))),
        t -> Recompute.apply(x -> block(x, t), t[0]),
        in -> {
          double[] normal = Formulas.layerNorm(in[0], in[1], in[2], s[0], s[2], 0.1f);
          return feedForward(normal, in[3], in[4], in[5], null, s);
        });
  }

  private static Tensor block(Tensor x, Tensor[] t) {
    Tensor normed = LayerNorm.apply(x, t[1], t[2], 0.1f);
    Tensor y = FeedForward.apply(normed, t[3], t[4], t[5], null, null);
    normed.forget();
    return y;
  }

  private static int longest(int[] s) {
    return Math.max(s[0], Math.max(s[1], s[2]));
  }
}
