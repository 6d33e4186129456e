package dev.tenzing.engine.op;

import dev.tenzing.engine.Shape;

/**
 * A shape seen from one dimension.
 *
 * @param outer entries of the dimensions before it
 * @param inner bytes of one entry of it in F32: the dimensions after it
 */
record Blocks(long outer, long inner) {
  static Blocks of(Shape shape, int dim) {
    int at = dim < 0 ? dim + shape.rank() : dim;
    long outer = 1;
    long inner = 4;
    for (int i = 0; i < shape.rank(); i++) {
      if (i < at) {
        outer *= shape.dim(i);
      } else if (i > at) {
        inner *= shape.dim(i);
      }
    }
    return new Blocks(outer, inner);
  }
}
