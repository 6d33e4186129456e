package dev.tenzing.engine.cpu.gemm;

import static dev.tenzing.engine.cpu.vector.VectorSpec.F;

import dev.tenzing.engine.cpu.vector.Lanes;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.reference.ScalarMath;
import java.lang.foreign.Arena;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * F32 numbers rounded to BF16, which is the upper half of their bits, to the nearest and ties to
 * even; NaN stays NaN. Strides are in elements.
 *
 * <p>The formula is written out where it is used: C2 boxes vectors that pass a method which it does
 * not inline. What is left of a row beyond whole vectors is done one by one: making a mask takes
 * longer.
 */
final class Bf16 {
  /** As many zeros as a row of {@link Product}'s panels may have. */
  static final long ZEROS = Arena.global().allocate(4L * Tile.A_STRIDE, 64).address();

  private static final int LANES = F.length();
  private static final int VECTOR = LANES * Float.BYTES;
  private static final int UPPER = 0xffff0000;
  private static final int HALF = 0x7fff;
  private static final int INFINITY = 0x7f800000;
  private static final int QUIET = 0x00400000;

  private Bf16() {}

  /** Rounds rows in place; what lies between them, up to a whole vector, may change. */
  static void round(long target, long stride, int rows, int columns) {
    for (int r = 0; r < rows; r++) {
      long at = target + r * stride * 4;
      for (int c = 0; c < columns; c += LANES) {
        IntVector v = Lanes.load(at + c * 4L).reinterpretAsInts();
        VectorMask<Integer> nan = v.and(Integer.MAX_VALUE).compare(VectorOperators.GT, INFINITY);
        v =
            v.add(v.lanewise(VectorOperators.LSHR, 16).and(1))
                .add(HALF)
                .blend(v.or(QUIET), nan)
                .and(UPPER);
        Lanes.store(v.reinterpretAsFloats(), at + c * 4L);
      }
    }
  }

  /**
   * Words of two numbers: {@code target[r,c] = bf16(lower[r,c]) | bf16(upper[r,c]) << 16}.
   *
   * <p>One method for rows and columns, and too long for C2 to inline: in its callers it is
   * compiled well or badly by chance, at up to five times the time (JDK 25).
   *
   * @param both columns that have an upper number, {@code columns} or one less; the last has zero
   * @param down whether it runs down the columns, as is faster for many short rows
   */
  static void pair(
      long lower,
      long upper,
      long stride,
      long target,
      long targetStride,
      int rows,
      int columns,
      int both,
      boolean down) {
    int vectors = both / LANES;
    int outer = down ? vectors : rows;
    int inner = down ? rows : vectors;
    long outerStep = down ? VECTOR : stride * 4;
    long innerStep = down ? stride * 4 : VECTOR;
    long targetOuterStep = down ? VECTOR : targetStride * 4;
    long targetInnerStep = down ? targetStride * 4 : VECTOR;
    for (int i = 0; i < outer; i++) {
      long low = lower + i * outerStep;
      long high = upper + i * outerStep;
      long to = target + i * targetOuterStep;
      for (int j = 0; j < inner; j++) {
        IntVector v = Lanes.load(low + j * innerStep).reinterpretAsInts();
        IntVector w = Lanes.load(high + j * innerStep).reinterpretAsInts();
        VectorMask<Integer> vNan = v.and(Integer.MAX_VALUE).compare(VectorOperators.GT, INFINITY);
        VectorMask<Integer> wNan = w.and(Integer.MAX_VALUE).compare(VectorOperators.GT, INFINITY);
        v =
            v.add(v.lanewise(VectorOperators.LSHR, 16).and(1))
                .add(HALF)
                .blend(v.or(QUIET), vNan)
                .lanewise(VectorOperators.LSHR, 16);
        w =
            w.add(w.lanewise(VectorOperators.LSHR, 16).and(1))
                .add(HALF)
                .blend(w.or(QUIET), wNan)
                .and(UPPER);
        Lanes.store(v.or(w).reinterpretAsFloats(), to + j * targetInnerStep);
      }
    }
    for (int r = 0; r < rows; r++) {
      for (int c = vectors * LANES; c < columns; c++) {
        int low = bits(lower + (r * stride + c) * 4);
        int high = c < both ? bits(upper + (r * stride + c) * 4) : 0;
        Native.i32(target + (r * targetStride + c) * 4, low >>> 16 | high);
      }
    }
  }

  private static int bits(long address) {
    return Float.floatToRawIntBits(ScalarMath.bf16(Native.f32(address)));
  }
}
