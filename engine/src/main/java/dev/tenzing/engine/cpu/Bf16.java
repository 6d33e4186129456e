package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.VectorSpec.F;

import java.lang.foreign.Arena;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * F32 numbers rounded to BF16, which is the upper half of their bits, to the nearest and ties to
 * even; NaN stays NaN. Strides are in elements.
 */
final class Bf16 {
  /** As many zeros as a row of {@link Product}'s panels may have. */
  static final long ZEROS = Arena.global().allocate(4L * Tile.A_STRIDE, 64).address();

  private static final int LANES = F.length();
  private static final int UPPER = 0xffff0000;
  private static final int INFINITY = 0x7f800000;
  private static final int QUIET = 0x00400000;

  private Bf16() {}

  /** Rounds rows in place; what lies between them, up to a whole vector, may change. */
  static void round(long target, long stride, int rows, int columns) {
    for (int r = 0; r < rows; r++) {
      long at = target + r * stride * 4;
      for (int c = 0; c < columns; c += LANES) {
        Lanes.store(rounded(Lanes.load(at + c * 4L)).reinterpretAsFloats(), at + c * 4L);
      }
    }
  }

  /**
   * Words of two numbers: {@code target[r,c] = bf16(lower[r,c]) | bf16(upper[r,c]) << 16}. Zeros
   * are written after each row, up to a whole vector.
   *
   * @param both columns that have an upper number, {@code columns} or one less; the last has zero
   */
  static void pair(
      long lower,
      long upper,
      long stride,
      long target,
      long targetStride,
      int rows,
      int columns,
      int both) {
    int full = both - both % LANES;
    VectorMask<Float> restOfLower = F.indexInRange(full, columns);
    VectorMask<Float> restOfUpper = F.indexInRange(full, both);
    for (int r = 0; r < rows; r++) {
      long low = lower + r * stride * 4;
      long high = upper + r * stride * 4;
      long to = target + r * targetStride * 4;
      for (int c = 0; c < full; c += LANES) {
        Lanes.store(words(Lanes.load(low + c * 4L), Lanes.load(high + c * 4L)), to + c * 4L);
      }
      if (full < columns) {
        long at = full * 4L;
        FloatVector below = Lanes.load(low + at, restOfLower);
        Lanes.store(words(below, Lanes.load(high + at, restOfUpper)), to + at);
      }
    }
  }

  private static FloatVector words(FloatVector lower, FloatVector upper) {
    return rounded(lower)
        .lanewise(VectorOperators.LSHR, 16)
        .or(rounded(upper))
        .reinterpretAsFloats();
  }

  /** The rounded bits; the lower halves are zero. */
  private static IntVector rounded(FloatVector v) {
    IntVector bits = v.reinterpretAsInts();
    IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
    VectorMask<Integer> nan = bits.and(Integer.MAX_VALUE).compare(VectorOperators.GT, INFINITY);
    return bits.add(odd).add(0x7fff).blend(bits.or(QUIET), nan).and(UPPER);
  }
}
