package dev.tenzing.engine.conformance;

import static dev.tenzing.engine.conformance.PointwiseCases.map;

import dev.tenzing.engine.kernel.ReduceFunction;
import dev.tenzing.engine.op.Conv1d;
import dev.tenzing.engine.op.IndexSelect;
import dev.tenzing.engine.op.Permute;
import dev.tenzing.engine.op.Pool1d;
import dev.tenzing.engine.op.Unfold;
import java.util.List;

/** Copies in another order and what is made of windows along a sequence; sizes B, T, C. */
final class LayoutCases {
  private LayoutCases() {}

  static Problem permute(Draw draw, int... s) {
    return new Problem(
        0,
        List.of(draw.variable(s[0], s[1], s[2])),
        t -> Permute.apply(t[0], 2, 0, 1),
        in ->
            map(
                in[0].length,
                i -> {
                  int c = i / (s[0] * s[1]);
                  int row = i % (s[0] * s[1]);
                  return in[0][row * s[2] + c];
                }));
  }

  /** Through four dimensions, the first of which stays. */
  static Problem permuteInner(Draw draw, int... s) {
    return new Problem(
        0,
        List.of(draw.variable(s[0], s[1], 2, s[2])),
        t -> Permute.apply(t[0], 0, 3, 1, 2),
        in ->
            map(
                in[0].length,
                i -> {
                  int half = i % 2;
                  int n = i / 2 % s[1];
                  int c = i / (2 * s[1]) % s[2];
                  int b = i / (2 * s[1] * s[2]);
                  return in[0][((b * s[1] + n) * 2 + half) * s[2] + c];
                }));
  }

  /** N + 2 entries of the middle dimension, some more than once. */
  static Problem indexSelectMiddle(Draw draw, int... s) {
    int picked = s[1] + 2;
    return new Problem(
        0,
        List.of(draw.variable(s[0], s[1], s[2]), draw.index(s[1], picked)),
        t -> IndexSelect.apply(t[0], 1, t[1]),
        in ->
            map(
                s[0] * picked * s[2],
                i -> {
                  int entry = (int) in[1][i / s[2] % picked];
                  return in[0][(i / (picked * s[2]) * s[1] + entry) * s[2] + i % s[2]];
                }));
  }

  static Problem indexSelectLast(Draw draw, int... s) {
    return new Problem(
        0,
        List.of(draw.variable(s[0], s[1], s[2]), draw.index(s[2], 3)),
        t -> IndexSelect.apply(t[0], -1, t[1]),
        in -> map(s[0] * s[1] * 3, i -> in[0][i / 3 * s[2] + (int) in[1][i % 3]]));
  }

  /** Windows of 3, 2 apart with gaps of 1, over one more entry on both sides. */
  static Problem unfold(Draw draw, int... s) {
    Windows w = new Windows(s[1], 3, 2, 2, 2);
    return new Problem(
        1,
        List.of(draw.variable(s[0], s[1], s[2])),
        t -> Unfold.apply(t[0], w.taps, w.stride, w.padding, w.dilation, 7),
        in -> w.unfold(in[0], s[0], s[2], 7));
  }

  static Problem conv(Draw draw, int... s) {
    return conv(draw, new Windows(s[1], 3, 1, 1, 1), true, s);
  }

  static Problem convStrided(Draw draw, int... s) {
    return conv(draw, new Windows(s[1], 2, 2, 3, 2), false, s);
  }

  /** To two channels. */
  private static Problem conv(Draw draw, Windows w, boolean withBias, int... s) {
    int inner = s[2] * w.taps;
    Input x = draw.variable(s[0], s[1], s[2]);
    Input weight = draw.variable(2, s[2], w.taps);
    return new Problem(
        Math.max(s[0] * w.count(), 2 * inner),
        withBias ? List.of(x, weight, draw.variable(2)) : List.of(x, weight),
        t -> Conv1d.apply(t[0], t[1], withBias ? t[2] : null, w.stride, w.padding, w.dilation),
        in ->
            Formulas.linear(
                w.unfold(in[0], s[0], s[2], 0),
                in[1],
                withBias ? in[2] : null,
                s[0] * w.count(),
                2,
                inner));
  }

  static Problem convDepthwise(Draw draw, int... s) {
    Windows w = new Windows(s[1], 3, 1, 2, 2);
    return new Problem(
        Math.max(s[0] * w.count(), w.taps),
        List.of(draw.variable(s[0], s[1], s[2]), draw.variable(s[2], w.taps), draw.variable(s[2])),
        t -> Conv1d.apply(t[0], t[1], t[2], w.stride, w.padding, w.dilation),
        in -> {
          double[] windows = w.unfold(in[0], s[0], s[2], 0);
          return map(
              windows.length / w.taps,
              i -> {
                double sum = in[2][i % s[2]];
                for (int tap = 0; tap < w.taps; tap++) {
                  sum += windows[i * w.taps + tap] * in[1][i % s[2] * w.taps + tap];
                }
                return sum;
              });
        });
  }

  static Problem maxPool(Draw draw, int... s) {
    return pool(ReduceFunction.MAX, draw.distinct(s[0], s[1], s[2]), s);
  }

  static Problem meanPool(Draw draw, int... s) {
    return pool(ReduceFunction.MEAN, draw.variable(s[0], s[1], s[2]), s);
  }

  private static Problem pool(ReduceFunction f, Input x, int... s) {
    Windows w = new Windows(s[1], 3, 2, 1, 1);
    boolean max = f == ReduceFunction.MAX;
    return new Problem(
        w.taps,
        List.of(x),
        t -> Pool1d.apply(f, t[0], w.taps, w.stride, w.padding),
        in -> {
          double[] windows = w.unfold(in[0], s[0], s[2], max ? Double.NEGATIVE_INFINITY : 0);
          return map(
              windows.length / w.taps,
              i -> {
                double result = windows[i * w.taps];
                for (int tap = 1; tap < w.taps; tap++) {
                  double v = windows[i * w.taps + tap];
                  result = max ? Math.max(result, v) : result + v;
                }
                return max ? result : result / w.taps;
              });
        });
  }

  /** Windows along T entries. */
  private record Windows(int T, int taps, int stride, int padding, int dilation) {
    int count() {
      return (T + 2 * padding - dilation * (taps - 1) - 1) / stride + 1;
    }

    /** [B, count, C, taps] of x[B, T, C]. */
    double[] unfold(double[] x, int B, int C, double fill) {
      return map(
          B * count() * C * taps,
          i -> {
            int tap = i % taps;
            int c = i / taps % C;
            int window = i / (taps * C) % count();
            int b = i / (taps * C * count());
            int t = window * stride + tap * dilation - padding;
            return t < 0 || t >= T ? fill : x[(b * T + t) * C + c];
          });
    }
  }
}
