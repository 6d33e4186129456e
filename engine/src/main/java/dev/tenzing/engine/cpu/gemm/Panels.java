package dev.tenzing.engine.cpu.gemm;

import static dev.tenzing.engine.cpu.vector.VectorSpec.F;

import dev.tenzing.engine.cpu.vector.Lanes;
import dev.tenzing.engine.host.Native;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Moves blocks of F32 matrices into and out of the panels of {@link Product}; strides are in
 * elements.
 *
 * <p>Masks are made outside the loops: one made inside costs 300 ns a vector (JDK 25).
 */
public final class Panels {
  private static final int LANES = F.length();

  private Panels() {}

  /** {@code target[r,c] = source[r,c]} for long rows; writes up to LANES - 1 zeros after each. */
  public static void copyRows(
      long source, long sourceStride, long target, long targetStride, int rows, int columns) {
    int full = columns - columns % LANES;
    VectorMask<Float> rest = F.indexInRange(full, columns);
    for (int r = 0; r < rows; r++) {
      long from = source + r * sourceStride * 4;
      long to = target + r * targetStride * 4;
      for (int c = 0; c < full; c += LANES) {
        FloatVector.fromMemorySegment(F, Native.ALL, from + c * 4L, Native.ORDER)
            .intoMemorySegment(Native.ALL, to + c * 4L, Native.ORDER);
      }
      if (full < columns) {
        FloatVector.fromMemorySegment(F, Native.ALL, from + full * 4L, Native.ORDER, rest)
            .intoMemorySegment(Native.ALL, to + full * 4L, Native.ORDER);
      }
    }
  }

  /**
   * {@code target[r,c] = source[r,c]} for {@code width} columns, a multiple of LANES; source's
   * columns from {@code columns} on are taken as zero.
   */
  public static void copyColumns(
      long source, long sourceStride, long target, int rows, int columns, int width) {
    for (int c = 0; c < width; c += LANES) {
      long from = source + c * 4L;
      long to = target + c * 4L;
      if (c + LANES <= columns) {
        for (int r = 0; r < rows; r++) {
          FloatVector.fromMemorySegment(F, Native.ALL, from + r * sourceStride * 4, Native.ORDER)
              .intoMemorySegment(Native.ALL, to + (long) r * width * 4, Native.ORDER);
        }
      } else {
        VectorMask<Float> some = F.indexInRange(c, columns);
        for (int r = 0; r < rows; r++) {
          FloatVector.fromMemorySegment(
                  F, Native.ALL, from + r * sourceStride * 4, Native.ORDER, some)
              .intoMemorySegment(Native.ALL, to + (long) r * width * 4, Native.ORDER);
        }
      }
    }
  }

  /** Zeroes n elements, a multiple of LANES. */
  public static void zero(long target, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector.zero(F).intoMemorySegment(Native.ALL, target + i * 4, Native.ORDER);
    }
  }

  /** {@code target[r,c] = tile[r,c] (+ add[r,c])}; add is 0 for none and has target's stride. */
  public static void store(
      long tile, long tileStride, long add, long target, long stride, int rows, int columns) {
    int full = columns - columns % LANES;
    VectorMask<Float> rest = F.indexInRange(full, columns);
    for (int r = 0; r < rows; r++) {
      long from = tile + r * tileStride * 4;
      long plus = add + r * stride * 4;
      long to = target + r * stride * 4;
      for (int c = 0; c < full; c += LANES) {
        FloatVector v = FloatVector.fromMemorySegment(F, Native.ALL, from + c * 4L, Native.ORDER);
        if (add != 0) {
          v = v.add(FloatVector.fromMemorySegment(F, Native.ALL, plus + c * 4L, Native.ORDER));
        }
        v.intoMemorySegment(Native.ALL, to + c * 4L, Native.ORDER);
      }
      if (full < columns) {
        long at = full * 4L;
        FloatVector v = FloatVector.fromMemorySegment(F, Native.ALL, from + at, Native.ORDER);
        if (add != 0) {
          v = v.add(FloatVector.fromMemorySegment(F, Native.ALL, plus + at, Native.ORDER, rest));
        }
        v.intoMemorySegment(Native.ALL, to + at, Native.ORDER, rest);
      }
    }
  }

  /**
   * {@code target[c] = (accumulate: target[c] +) sum over the rows, from the first to the last.}
   * The sum is compensated (Kahan, 1965): a bias gradient adds up rows that nearly cancel, and a
   * plain sum's rounding showed beside the official gradients.
   */
  public static void sumRows(
      long source, long stride, long target, int rows, int columns, boolean accumulate) {
    int full = columns - columns % LANES;
    int pairs = columns - columns % (2 * LANES);
    for (int c = 0; c < pairs; c += 2 * LANES) {
      sumPair(source + c * 4L, stride, target + c * 4L, rows, accumulate);
    }
    if (pairs < full) {
      sumVector(source + pairs * 4L, stride, target + pairs * 4L, rows, accumulate);
    }
    for (int c = full; c < columns; c++) {
      float sum = 0;
      float carry = 0;
      for (int r = 0; r < rows; r++) {
        float term = Native.f32(source + (r * stride + c) * 4) - carry;
        float next = sum + term;
        carry = next - sum - term;
        sum = next;
      }
      long at = target + c * 4L;
      Native.f32(at, accumulate ? Native.f32(at) + sum : sum);
    }
  }

  // A row's four additions wait for each other, so two columns of vectors take turns.
  private static void sumPair(long source, long stride, long target, int rows, boolean accumulate) {
    FloatVector sum0 = FloatVector.zero(F);
    FloatVector sum1 = FloatVector.zero(F);
    FloatVector carry0 = FloatVector.zero(F);
    FloatVector carry1 = FloatVector.zero(F);
    for (int r = 0; r < rows; r++) {
      long from = source + r * stride * 4;
      FloatVector term0 = Lanes.load(from).sub(carry0);
      FloatVector term1 = Lanes.load(from + LANES * 4L).sub(carry1);
      FloatVector next0 = term0.add(sum0);
      FloatVector next1 = term1.add(sum1);
      carry0 = next0.sub(sum0).sub(term0);
      carry1 = next1.sub(sum1).sub(term1);
      sum0 = next0;
      sum1 = next1;
    }
    deliver(sum0, target, accumulate);
    deliver(sum1, target + LANES * 4L, accumulate);
  }

  private static void sumVector(
      long source, long stride, long target, int rows, boolean accumulate) {
    FloatVector sum = FloatVector.zero(F);
    FloatVector carry = FloatVector.zero(F);
    for (int r = 0; r < rows; r++) {
      FloatVector term = Lanes.load(source + r * stride * 4).sub(carry);
      FloatVector next = term.add(sum);
      carry = next.sub(sum).sub(term);
      sum = next;
    }
    deliver(sum, target, accumulate);
  }

  private static void deliver(FloatVector sum, long target, boolean accumulate) {
    Lanes.store(accumulate ? Lanes.load(target).add(sum) : sum, target);
  }
}
