package dev.tenzing.engine.conformance;

import static dev.tenzing.engine.conformance.PointwiseCases.map;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.kernel.BinaryFunction;
import dev.tenzing.engine.kernel.ReduceFunction;
import dev.tenzing.engine.kernel.UnaryFunction;
import dev.tenzing.engine.op.Binary;
import dev.tenzing.engine.op.MatMul;
import dev.tenzing.engine.op.Reduce;
import dev.tenzing.engine.op.Unary;
import dev.tenzing.engine.op.Where;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Functions of elements and along dimensions, and matrix products; sizes B, N, C. */
final class FunctionCases {
  private FunctionCases() {}

  static Problem exp(Draw draw, int... s) {
    return unary(UnaryFunction.EXP, draw.variable(s[0], s[1], s[2]), Math::exp);
  }

  static Problem log(Draw draw, int... s) {
    return unary(UnaryFunction.LOG, draw.positive(s[0], s[1], s[2]), Math::log);
  }

  static Problem sqrt(Draw draw, int... s) {
    return unary(UnaryFunction.SQRT, draw.positive(s[0], s[1], s[2]), Math::sqrt);
  }

  /** Away from 0, where it has no derivative. */
  static Problem relu(Draw draw, int... s) {
    return unary(UnaryFunction.RELU, draw.apart(s[0], s[1], s[2]), x -> Math.max(x, 0));
  }

  static Problem sigmoid(Draw draw, int... s) {
    return unary(
        UnaryFunction.SIGMOID, draw.variable(s[0], s[1], s[2]), x -> 1 / (1 + Math.exp(-x)));
  }

  static Problem gelu(Draw draw, int... s) {
    return unary(
        UnaryFunction.GELU,
        draw.variable(s[0], s[1], s[2]),
        x -> Formulas.gelu(new double[] {x})[0]);
  }

  private static Problem unary(UnaryFunction f, Input x, DoubleUnaryOperator formula) {
    return new Problem(
        1,
        List.of(x),
        t -> Unary.apply(f, t[0]),
        in -> map(in[0].length, i -> formula.applyAsDouble(in[0][i])));
  }

  /** Which sizes of a tensor stay when it is to be spread over the others. */
  private enum Spread {
    NONE,
    LEADING,
    MIDDLE,
    TRAILING,
    ALL;

    Shape of(int... s) {
      return switch (this) {
        case NONE -> Shape.of(s[0], s[1], s[2]);
        case LEADING -> Shape.of(s[2]);
        case MIDDLE -> Shape.of(s[1], 1);
        case TRAILING -> Shape.of(s[0], 1, 1);
        case ALL -> Shape.of(1);
      };
    }

    /** The element that stands at place i of [B, N, C]. */
    int place(int i, int... s) {
      return switch (this) {
        case NONE -> i;
        case LEADING -> i % s[2];
        case MIDDLE -> i / s[2] % s[1];
        case TRAILING -> i / (s[1] * s[2]);
        case ALL -> 0;
      };
    }
  }

  static Problem addLeading(Draw draw, int... s) {
    return binary(BinaryFunction.ADD, Double::sum, draw, Spread.NONE, Spread.LEADING, s);
  }

  static Problem subtract(Draw draw, int... s) {
    return binary(BinaryFunction.SUB, (a, b) -> a - b, draw, Spread.NONE, Spread.NONE, s);
  }

  static Problem subtractFromTrailing(Draw draw, int... s) {
    return binary(BinaryFunction.SUB, (a, b) -> a - b, draw, Spread.TRAILING, Spread.NONE, s);
  }

  static Problem multiply(Draw draw, int... s) {
    return binary(BinaryFunction.MUL, (a, b) -> a * b, draw, Spread.NONE, Spread.NONE, s);
  }

  static Problem multiplyMiddle(Draw draw, int... s) {
    return binary(BinaryFunction.MUL, (a, b) -> a * b, draw, Spread.NONE, Spread.MIDDLE, s);
  }

  static Problem multiplyByOne(Draw draw, int... s) {
    return binary(BinaryFunction.MUL, (a, b) -> a * b, draw, Spread.ALL, Spread.NONE, s);
  }

  static Problem divide(Draw draw, int... s) {
    return binary(BinaryFunction.DIV, (a, b) -> a / b, draw, Spread.NONE, Spread.NONE, s);
  }

  static Problem divideByTrailing(Draw draw, int... s) {
    return binary(BinaryFunction.DIV, (a, b) -> a / b, draw, Spread.NONE, Spread.TRAILING, s);
  }

  private static Problem binary(
      BinaryFunction f, DoubleBinaryOperator formula, Draw draw, Spread a, Spread b, int... s) {
    Input divisor = draw.positive(b.of(s).toArray());
    return new Problem(
        s[0] * s[1] * s[2],
        List.of(
            draw.variable(a.of(s).toArray()),
            f == BinaryFunction.DIV ? divisor : draw.variable(b.of(s).toArray())),
        t -> Binary.apply(f, t[0], t[1]),
        in ->
            map(
                s[0] * s[1] * s[2],
                i -> formula.applyAsDouble(in[0][a.place(i, s)], in[1][b.place(i, s)])));
  }

  static Problem sumFirst(Draw draw, int... s) {
    return reduce(ReduceFunction.SUM, 0, draw.variable(s[0], s[1], s[2]), s);
  }

  static Problem sumLast(Draw draw, int... s) {
    return reduce(ReduceFunction.SUM, -1, draw.variable(s[0], s[1], s[2]), s);
  }

  static Problem meanMiddle(Draw draw, int... s) {
    return reduce(ReduceFunction.MEAN, 1, draw.variable(s[0], s[1], s[2]), s);
  }

  /** Of numbers that differ enough for finite differences. */
  static Problem maxMiddle(Draw draw, int... s) {
    return reduce(ReduceFunction.MAX, 1, draw.distinct(s[0], s[1], s[2]), s);
  }

  static Problem maxLast(Draw draw, int... s) {
    return reduce(ReduceFunction.MAX, 2, draw.distinct(s[0], s[1], s[2]), s);
  }

  private static Problem reduce(ReduceFunction f, int dim, Input x, int... s) {
    int at = dim < 0 ? 3 + dim : dim;
    int m = s[at];
    int inner = at == 0 ? s[1] * s[2] : at == 1 ? s[2] : 1;
    return new Problem(
        m,
        List.of(x),
        t -> Reduce.apply(f, t[0], dim),
        in ->
            map(
                in[0].length / m,
                i -> {
                  double result = f == ReduceFunction.MAX ? Double.NEGATIVE_INFINITY : 0;
                  for (int j = 0; j < m; j++) {
                    double v = in[0][(i / inner * m + j) * inner + i % inner];
                    result = f == ReduceFunction.MAX ? Math.max(result, v) : result + v;
                  }
                  return f == ReduceFunction.MEAN ? result / m : result;
                }));
  }

  static Problem where(Draw draw, int... s) {
    return new Problem(
        0,
        List.of(
            draw.index(2, s[0], s[1], s[2]),
            draw.variable(s[0], s[1], s[2]),
            draw.variable(s[0], s[1], s[2])),
        t -> Where.apply(t[0], t[1], t[2]),
        in -> map(in[0].length, i -> in[0][i] != 0 ? in[1][i] : in[2][i]));
  }

  /** A batch of [N, C] by one of [C, N + 1]. */
  static Problem matmul(Draw draw, int... s) {
    return matmul(draw, true, s);
  }

  /** The rows of all by one matrix. */
  static Problem matmulShared(Draw draw, int... s) {
    return matmul(draw, false, s);
  }

  private static Problem matmul(Draw draw, boolean batched, int... s) {
    int columns = s[1] + 1;
    return new Problem(
        Math.max(Math.max(s[2], columns), s[0] * s[1]),
        List.of(
            draw.variable(s[0], s[1], s[2]),
            batched ? draw.variable(s[0], s[2], columns) : draw.variable(s[2], columns)),
        t -> MatMul.apply(t[0], t[1]),
        in ->
            map(
                s[0] * s[1] * columns,
                i -> {
                  int row = i / columns;
                  int matrix = batched ? row / s[1] * s[2] : 0;
                  double sum = 0;
                  for (int k = 0; k < s[2]; k++) {
                    sum += in[0][row * s[2] + k] * in[1][(matrix + k) * columns + i % columns];
                  }
                  return sum;
                }));
  }
}
