package dev.tenzing.engine.conformance;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.conformance.Input.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;

/** Random inputs that are the same in every run. */
final class Draw {
  private final Random random;

  Draw(long seed) {
    random = new Random(seed);
  }

  /** Normal numbers with a gradient. */
  Input variable(long... dims) {
    return floats(Kind.VARIABLE, random::nextGaussian, dims);
  }

  /** Numbers from 0.5 on with a gradient. */
  Input positive(long... dims) {
    return floats(Kind.VARIABLE, () -> 0.5 + Math.abs(random.nextGaussian()), dims);
  }

  /** Numbers of both signs that are not near 0, with a gradient. */
  Input apart(long... dims) {
    return floats(
        Kind.VARIABLE,
        () -> {
          double x = random.nextGaussian();
          return x + Math.copySign(0.1, x);
        },
        dims);
  }

  /** Numbers with a gradient of which no two are near each other. */
  Input distinct(long... dims) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < Shape.of(dims).size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    Iterator<Integer> next = order.iterator();
    return floats(Kind.VARIABLE, () -> next.next() / 16.0 - 1, dims);
  }

  /** Weights [N, K] with a gradient, of a size that keeps the products' near 1. */
  Input weight(long n, long k) {
    return floats(Kind.VARIABLE, () -> random.nextGaussian() / Math.sqrt(k), n, k);
  }

  /** The same input as one that is always a leaf. */
  static Input parameter(Input input) {
    return new Input(Kind.PARAMETER, input.shape(), input.values());
  }

  /** Normal numbers without a gradient. */
  Input constant(long... dims) {
    return floats(Kind.CONSTANT, random::nextGaussian, dims);
  }

  /** Numbers in 0 to 1 without a gradient, in few steps so that many are equal. */
  Input coarse(int steps, long... dims) {
    return floats(Kind.CONSTANT, () -> random.nextInt(steps) / (double) steps, dims);
  }

  /** Integers from 0 to bound - 1. */
  Input index(int bound, long... dims) {
    return values(Kind.INDEX, () -> random.nextInt(bound), dims);
  }

  /** Integers of any sign. */
  Input ids(long... dims) {
    return values(Kind.INDEX, random::nextInt, dims);
  }

  /** Bytes. */
  Input bytes(long... dims) {
    return values(Kind.BYTES, () -> random.nextInt(256), dims);
  }

  /** Normal numbers as F32 holds them. */
  double[] normal(int n) {
    return floats(Kind.CONSTANT, random::nextGaussian, n).values();
  }

  private static Input floats(Kind kind, DoubleSupplier draw, long... dims) {
    return values(kind, () -> (float) draw.getAsDouble(), dims);
  }

  private static Input values(Kind kind, DoubleSupplier draw, long... dims) {
    Shape shape = Shape.of(dims);
    double[] values = new double[(int) shape.size()];
    Arrays.setAll(values, i -> draw.getAsDouble());
    return new Input(kind, shape, values);
  }
}
