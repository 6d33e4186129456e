package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.VectorSpec.F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Moves blocks of matrices into the zero-padded panels that {@link Tile} reads. Strides are in
 * elements.
 */
final class Panels {
  private static final VectorSpecies<Float> F4 = FloatVector.SPECIES_128;

  // Pairs of a 4x4 transpose: {a0 b0 a1 b1} and {a2 b2 a3 b3} of vectors a and b.
  private static final VectorShuffle<Float> LOW = VectorShuffle.fromValues(F4, 0, 4, 1, 5);
  private static final VectorShuffle<Float> HIGH = VectorShuffle.fromValues(F4, 2, 6, 3, 7);

  private static final int LANES = F.length();

  private Panels() {}

  /**
   * {@code target[r,c] = source[r,c]}; each row is continued with zeros to {@code padded} columns,
   * a multiple of the vector's lanes.
   */
  static void copy(
      long source,
      long sourceStride,
      long target,
      long targetStride,
      int rows,
      int columns,
      int padded) {
    VectorMask<Float> rest = F.indexInRange(0, columns % LANES);
    int full = columns - columns % LANES;
    for (int r = 0; r < rows; r++) {
      long from = source + r * sourceStride * 4;
      long to = target + r * targetStride * 4;
      int c = 0;
      for (; c < full; c += LANES) {
        FloatVector.fromMemorySegment(F, Native.ALL, from + c * 4L, Native.ORDER)
            .intoMemorySegment(Native.ALL, to + c * 4L, Native.ORDER);
      }
      if (c < columns) {
        FloatVector.fromMemorySegment(F, Native.ALL, from + c * 4L, Native.ORDER, rest)
            .intoMemorySegment(Native.ALL, to + c * 4L, Native.ORDER);
        c += LANES;
      }
      for (; c < padded; c += LANES) {
        FloatVector.zero(F).intoMemorySegment(Native.ALL, to + c * 4L, Native.ORDER);
      }
    }
  }

  /** {@code target[c,r] = source[r,c]}, in blocks of 4x4 that stay in registers. */
  static void transpose(
      long source, long sourceStride, long target, long targetStride, int rows, int columns) {
    int fullRows = rows & -4;
    int fullColumns = columns & -4;
    for (int r = 0; r < fullRows; r += 4) {
      long from = source + r * sourceStride * 4;
      long to = target + r * 4L;
      transposeFourRows(from, sourceStride * 4, to, targetStride * 4, fullColumns);
    }
    transposeScalar(source, sourceStride, target, targetStride, 0, rows, fullColumns, columns);
    transposeScalar(source, sourceStride, target, targetStride, fullRows, rows, 0, fullColumns);
  }

  private static void transposeFourRows(
      long from, long fromBytes, long to, long toBytes, int columns) {
    for (int c = 0; c < columns; c += 4) {
      long in = from + c * 4L;
      FloatVector a = FloatVector.fromMemorySegment(F4, Native.ALL, in, Native.ORDER);
      FloatVector b = FloatVector.fromMemorySegment(F4, Native.ALL, in + fromBytes, Native.ORDER);
      FloatVector d =
          FloatVector.fromMemorySegment(F4, Native.ALL, in + 2 * fromBytes, Native.ORDER);
      FloatVector e =
          FloatVector.fromMemorySegment(F4, Native.ALL, in + 3 * fromBytes, Native.ORDER);
      FloatVector adLow = a.rearrange(LOW, d);
      FloatVector adHigh = a.rearrange(HIGH, d);
      FloatVector beLow = b.rearrange(LOW, e);
      FloatVector beHigh = b.rearrange(HIGH, e);
      long out = to + c * toBytes;
      adLow.rearrange(LOW, beLow).intoMemorySegment(Native.ALL, out, Native.ORDER);
      adLow.rearrange(HIGH, beLow).intoMemorySegment(Native.ALL, out + toBytes, Native.ORDER);
      adHigh.rearrange(LOW, beHigh).intoMemorySegment(Native.ALL, out + 2 * toBytes, Native.ORDER);
      adHigh.rearrange(HIGH, beHigh).intoMemorySegment(Native.ALL, out + 3 * toBytes, Native.ORDER);
    }
  }

  private static void transposeScalar(
      long source,
      long sourceStride,
      long target,
      long targetStride,
      int firstRow,
      int rows,
      int firstColumn,
      int columns) {
    for (int r = firstRow; r < rows; r++) {
      for (int c = firstColumn; c < columns; c++) {
        Native.f32(
            target + (c * targetStride + r) * 4, Native.f32(source + (r * sourceStride + c) * 4));
      }
    }
  }

  /** Zeroes {@code columns} columns of {@code rows} rows. */
  static void zero(long target, long targetStride, int rows, int columns) {
    for (int r = 0; r < rows; r++) {
      Native.ALL.asSlice(target + r * targetStride * 4, columns * 4L).fill((byte) 0);
    }
  }

  /** {@code target[r,c] = tile[r,c] (+ add[r,c])} for part of a tile; add is 0 for none. */
  static void storePart(
      long tile, long tileStride, long add, long target, long stride, int rows, int columns) {
    for (int r = 0; r < rows; r++) {
      long row = r * stride * 4;
      for (int c = 0; c < columns; c += LANES) {
        VectorMask<Float> mask = F.indexInRange(c, columns);
        long at = row + c * 4L;
        FloatVector v =
            FloatVector.fromMemorySegment(
                F, Native.ALL, tile + (r * tileStride + c) * 4, Native.ORDER);
        if (add != 0) {
          v = v.add(FloatVector.fromMemorySegment(F, Native.ALL, add + at, Native.ORDER, mask));
        }
        v.intoMemorySegment(Native.ALL, target + at, Native.ORDER, mask);
      }
    }
  }

  /**
   * {@code target[c] = (accumulate: target[c] +) sum over the rows, from the first to the last.}
   */
  static void sumRows(
      long source, long stride, long target, int rows, int columns, boolean accumulate) {
    int c = 0;
    for (; c + LANES <= columns; c += LANES) {
      FloatVector sum = FloatVector.zero(F);
      for (int r = 0; r < rows; r++) {
        sum =
            sum.add(
                FloatVector.fromMemorySegment(
                    F, Native.ALL, source + (r * stride + c) * 4, Native.ORDER));
      }
      long at = target + c * 4L;
      if (accumulate) {
        sum = FloatVector.fromMemorySegment(F, Native.ALL, at, Native.ORDER).add(sum);
      }
      sum.intoMemorySegment(Native.ALL, at, Native.ORDER);
    }
    for (; c < columns; c++) {
      float sum = 0;
      for (int r = 0; r < rows; r++) {
        sum += Native.f32(source + (r * stride + c) * 4);
      }
      long at = target + c * 4L;
      Native.f32(at, accumulate ? Native.f32(at) + sum : sum);
    }
  }
}
