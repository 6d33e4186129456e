package dev.tenzing.engine;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Sizes of a tensor's dimensions, outermost first; {@code []} is a scalar. Immutable. */
public final class Shape {
  /** The shape of a scalar. */
  public static final Shape SCALAR = new Shape(new long[0]);

  private final long[] dims;
  private final long size;

  private Shape(long[] dims) {
    this.dims = dims;
    long product = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new ShapeException("a dimension cannot be negative: " + text(dims));
      }
      try {
        product = Math.multiplyExact(product, dim);
      } catch (ArithmeticException e) {
        throw new ShapeException("shape has more than 2^63 elements: " + text(dims));
      }
    }
    this.size = product;
  }

  /** A shape of the given sizes. */
  public static Shape of(long... dims) {
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  /** Number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /** Size of dimension {@code i}; negative counts from the end, as in Python. */
  public long dim(int i) {
    int at = i < 0 ? i + dims.length : i;
    if (at < 0 || at >= dims.length) {
      throw new ShapeException("no dimension " + i + " in shape " + this);
    }
    return dims[at];
  }

  /** Number of elements. */
  public long size() {
    return size;
  }

  /** Product of all dimensions but the last: the rows of a [..., C] tensor. */
  public long rows() {
    return rank() == 0 ? 1 : dim(-1) == 0 ? 0 : size / dim(-1);
  }

  /** The same shape with dimension {@code i} (negative from the end) replaced. */
  public Shape with(int i, long size) {
    dim(i);
    long[] copy = dims.clone();
    copy[i < 0 ? i + dims.length : i] = size;
    return new Shape(copy);
  }

  /** A copy of the sizes. */
  public long[] toArray() {
    return dims.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return text(dims);
  }

  private static String text(long[] dims) {
    return Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining(",", "[", "]"));
  }
}
