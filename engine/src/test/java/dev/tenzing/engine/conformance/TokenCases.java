package dev.tenzing.engine.conformance;

import static dev.tenzing.engine.conformance.PointwiseCases.map;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.op.AddPositions;
import dev.tenzing.engine.op.Argsort;
import dev.tenzing.engine.op.Concat;
import dev.tenzing.engine.op.GatherTokens;
import dev.tenzing.engine.op.MaskTokens;
import dev.tenzing.engine.op.MeanTokens;
import dev.tenzing.engine.op.MotionImportance;
import dev.tenzing.engine.op.Narrow;
import dev.tenzing.engine.op.TakeSorted;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Moving, averaging and ranking of tokens; sizes B, N, C unless said. */
final class TokenCases {
  private TokenCases() {}

  /** Picks N + 2 tokens, so that some are picked more than once. */
  static Problem gather(Draw draw, int... s) {
    int picked = s[1] + 2;
    return new Problem(
        0,
        List.of(draw.variable(s[0], s[1], s[2]), draw.index(s[1], s[0], picked)),
        t -> GatherTokens.apply(t[0], t[1]),
        in ->
            map(
                s[0] * picked * s[2],
                i -> {
                  int sample = i / (picked * s[2]);
                  int token = (int) in[1][i / s[2]];
                  return in[0][(sample * s[1] + token) * s[2] + i % s[2]];
                }));
  }

  static Problem addPositions(Draw draw, int... s) {
    return new Problem(
        1,
        List.of(draw.variable(s[0], s[1], s[2]), draw.constant(s[1], s[2])),
        t -> AddPositions.apply(t[0], t[1], null),
        in -> map(in[0].length, i -> in[0][i] + in[1][i % (s[1] * s[2])]));
  }

  /** From a table of N + 3 places. */
  static Problem addIndexedPositions(Draw draw, int... s) {
    int places = s[1] + 3;
    return new Problem(
        1,
        List.of(
            draw.variable(s[0], s[1], s[2]),
            draw.constant(places, s[2]),
            draw.index(places, s[0], s[1])),
        t -> AddPositions.apply(t[0], t[1], t[2]),
        in -> map(in[0].length, i -> in[0][i] + in[1][(int) in[2][i / s[2]] * s[2] + i % s[2]]));
  }

  /** From a table of N + 3 places. */
  static Problem maskTokens(Draw draw, int... s) {
    int places = s[1] + 3;
    return new Problem(
        s[0] * s[1],
        List.of(
            draw.variable(1, 1, s[2]), draw.constant(places, s[2]), draw.index(places, s[0], s[1])),
        t -> MaskTokens.apply(t[0], t[1], t[2]),
        in ->
            map(
                s[0] * s[1] * s[2],
                i -> in[0][i % s[2]] + in[1][(int) in[2][i / s[2]] * s[2] + i % s[2]]));
  }

  static Problem mean(Draw draw, int... s) {
    return new Problem(
        s[1],
        List.of(draw.variable(s[0], s[1], s[2])),
        t -> MeanTokens.apply(t[0]),
        in -> {
          double[] y = new double[s[0] * s[2]];
          for (int i = 0; i < in[0].length; i++) {
            y[i / (s[1] * s[2]) * s[2] + i % s[2]] += in[0][i] / s[1];
          }
          return y;
        });
  }

  /** Three parts of N, 1 and 2 N entries along the middle dimension. */
  static Problem concatMiddle(Draw draw, int... s) {
    return concat(
        1,
        draw.variable(s[0], s[1], s[2]),
        draw.variable(s[0], 1, s[2]),
        draw.variable(s[0], 2L * s[1], s[2]));
  }

  static Problem concatFirst(Draw draw, int... s) {
    return concat(0, draw.variable(s[0], s[1], s[2]), draw.variable(2, s[1], s[2]));
  }

  static Problem concatLast(Draw draw, int... s) {
    return concat(-1, draw.variable(s[0], s[1], s[2]), draw.variable(s[0], s[1], 3));
  }

  private static Problem concat(int dim, Input... parts) {
    int at = dim < 0 ? 3 + dim : dim;
    int outer = entries(parts[0].shape(), 0, at);
    int inner = entries(parts[0].shape(), at + 1, 3);
    return new Problem(
        0,
        List.of(parts),
        t -> Concat.apply(dim, t),
        in -> {
          double[] y = new double[Arrays.stream(in).mapToInt(part -> part.length).sum()];
          int to = 0;
          for (int o = 0; o < outer; o++) {
            for (int p = 0; p < in.length; p++) {
              int width = (int) parts[p].shape().dim(at) * inner;
              System.arraycopy(in[p], o * width, y, to, width);
              to += width;
            }
          }
          return y;
        });
  }

  static Problem narrowFirst(Draw draw, int... s) {
    return narrow(draw.variable(s[0] + 2, s[1], s[2]), 0, 1, s[0]);
  }

  static Problem narrowMiddle(Draw draw, int... s) {
    return narrow(draw.variable(s[0], s[1] + 3, s[2]), 1, 2, s[1]);
  }

  static Problem narrowLast(Draw draw, int... s) {
    return narrow(draw.variable(s[0], s[1], s[2] + 1), -1, 0, s[2]);
  }

  private static Problem narrow(Input x, int dim, int from, int length) {
    int at = dim < 0 ? 3 + dim : dim;
    int outer = entries(x.shape(), 0, at);
    int inner = entries(x.shape(), at + 1, 3);
    int size = (int) x.shape().dim(at);
    return new Problem(
        0,
        List.of(x),
        t -> Narrow.apply(t[0], dim, from, length),
        in ->
            map(
                outer * length * inner,
                i -> {
                  int entry = from + i / inner % length;
                  return in[0][(i / (length * inner) * size + entry) * inner + i % inner];
                }));
  }

  private static int entries(Shape shape, int from, int to) {
    int product = 1;
    for (int i = from; i < to; i++) {
      product *= (int) shape.dim(i);
    }
    return product;
  }

  /** Sizes B, T, L, C. */
  static Problem motionImportance(Draw draw, int... s) {
    int slot = s[2] * s[3];
    return new Problem(
        s[3],
        List.of(draw.constant(s[0], (long) s[1] * s[2], s[3])),
        t -> MotionImportance.apply(t[0], s[1]),
        in ->
            map(
                s[0] * s[1] * s[2],
                i -> {
                  if (s[1] == 1) {
                    return 0;
                  }
                  int token = i / s[2] % s[1] == 0 ? i + s[2] : i;
                  double squares = 0;
                  for (int c = 0; c < s[3]; c++) {
                    int at = token * s[3] + c;
                    squares += Math.pow(in[0][at] - in[0][at - slot], 2);
                  }
                  return Math.sqrt(squares);
                }));
  }

  /** Sizes M, N; keys with many ties. */
  static Problem sortAscending(Draw draw, int... s) {
    return sort(draw.coarse(5, s[0], s[1]), false);
  }

  static Problem sortDescending(Draw draw, int... s) {
    return sort(draw.constant(s[0], s[1]), true);
  }

  /** Zeros of both signs are equal, NaN is larger than everything. */
  static Problem sortSpecial(Draw draw, int... s) {
    double[] special = {
      0.0, -0.0, 1, -1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
    };
    Input places = draw.index(special.length, s[0], s[1]);
    double[] keys = map(places.values().length, i -> special[(int) places.values()[i]]);
    return sort(new Input(Input.Kind.CONSTANT, places.shape(), keys), true);
  }

  private static Problem sort(Input keys, boolean descending) {
    int n = (int) keys.shape().dim(1);
    return new Problem(
        0,
        List.of(keys),
        t -> Argsort.apply(t[0], descending),
        in ->
            IntStream.range(0, (int) keys.shape().dim(0))
                .flatMap(m -> {
                  // Adding 0 makes -0 equal to 0; the sort is stable.
                  Comparator<Integer> order =
                      Comparator.comparingDouble(i -> in[0][m * n + i] + 0.0);
                  return IntStream.range(0, n)
                      .boxed()
                      .sorted(descending ? order.reversed() : order)
                      .mapToInt(Integer::intValue);
                })
                .asDoubleStream()
                .toArray());
  }

  /** Sizes M, N; all but the first of N + 2 permuted columns. */
  static Problem takeSorted(Draw draw, int... s) {
    int columns = s[1] + 2;
    return new Problem(
        0,
        List.of(draw.ids(s[0], s[1]), draw.index(s[1], s[0], columns)),
        t -> TakeSorted.apply(t[0], t[1], 1, columns - 1),
        in ->
            IntStream.range(0, s[0])
                .boxed()
                .flatMapToDouble(m ->
                    IntStream.range(m * columns + 1, (m + 1) * columns)
                        .mapToDouble(i -> in[0][m * s[1] + (int) in[1][i]])
                        .sorted())
                .toArray());
  }
}
