package dev.tenzing.engine.conformance;

import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.LayerNorm;
import dev.tenzing.engine.op.Linear;
import dev.tenzing.engine.op.LinearGelu;
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

  static Problem gelu(Draw draw, int... s) {
    return new Problem(
        longest(s),
        List.of(draw.variable(s[0], s[2]), draw.weight(s[1], s[2]), draw.variable(s[1])),
        t -> LinearGelu.apply(t[0], t[1], t[2]),
        in -> Formulas.gelu(Formulas.linear(in[0], in[1], in[2], s[0], s[1], s[2])));
  }

  static Problem geluWithoutBias(Draw draw, int... s) {
    return new Problem(
        longest(s),
        List.of(draw.variable(s[0], s[2]), draw.weight(s[1], s[2])),
        t -> LinearGelu.apply(t[0], t[1], null),
        in -> Formulas.gelu(Formulas.linear(in[0], in[1], null, s[0], s[1], s[2])));
  }

  /** A block of three operations that is run twice. */
  static Problem recompute(Draw draw, int... s) {
    return new Problem(
        longest(s),
        List.of(
            draw.variable(s[0], s[2]),
            Draw.parameter(draw.variable(s[2])),
            Draw.parameter(draw.variable(s[2])),
            Draw.parameter(draw.weight(s[1], s[2])),
            Draw.parameter(draw.variable(s[1]))),
        t -> Recompute.apply(x -> block(x, t), t[0]),
        in -> {
          double[] normal = Formulas.layerNorm(in[0], in[1], in[2], s[0], s[2], 0.1f);
          return Formulas.gelu(Formulas.linear(normal, in[3], in[4], s[0], s[1], s[2]));
        });
  }

  private static Tensor block(Tensor x, Tensor[] t) {
    return LinearGelu.apply(LayerNorm.apply(x, t[1], t[2], 0.1f), t[3], t[4]);
  }

  private static int longest(int[] s) {
    return Math.max(s[0], Math.max(s[1], s[2]));
  }
}
