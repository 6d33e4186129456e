package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.VectorSpec.F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Transposes F32 matrices, by blocks that stay in registers: eight rows of a vector each, or four
 * where a vector has four lanes.
 *
 * <p>A square of L x L is transposed in log2 L steps: the step of distance d exchanges, between
 * rows i and i + d, the lanes that differ in bit d. Sixteen lanes hold two squares of 8x8; 16x16
 * would be too long a method for C2.
 */
final class Transpose {
  private static final int LANES = F.length();
  private static final int ROWS = Math.min(8, LANES);

  // SWAPn moves lane l to lane l ^ n; ODDn are the lanes with bit n.
  private static final VectorShuffle<Float> SWAP4 = swap(4);
  private static final VectorShuffle<Float> SWAP2 = swap(2);
  private static final VectorShuffle<Float> SWAP1 = swap(1);
  private static final VectorMask<Float> ODD4 = lanes(4);
  private static final VectorMask<Float> ODD2 = lanes(2);
  private static final VectorMask<Float> ODD1 = lanes(1);

  // The squares in a vector of sixteen lanes.
  private static final VectorMask<Float> RIGHT = lanes(8);
  private static final VectorMask<Float> LEFT = RIGHT.not();

  private Transpose() {}

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(F, lane -> (lane ^ distance) % LANES);
  }

  private static VectorMask<Float> lanes(int bit) {
    boolean[] set = new boolean[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      set[lane] = (lane & bit) != 0;
    }
    return VectorMask.fromArray(F, set, 0);
  }

  /** {@code target[c,r] = source[r,c]}; strides are in elements. */
  static void transpose(
      long source, long sourceStride, long target, long targetStride, int rows, int columns) {
    boolean blocks = LANES == 4 || LANES == 8 || LANES == 16;
    int fullRows = blocks ? rows - rows % ROWS : 0;
    int fullColumns = blocks ? columns - columns % LANES : 0;
    for (int r = 0; r < fullRows; r += ROWS) {
      long from = source + r * sourceStride * 4;
      long to = target + r * 4L;
      if (LANES == 4) {
        rows4(from, sourceStride * 4, to, targetStride * 4, fullColumns);
      } else {
        rows8(from, sourceStride * 4, to, targetStride * 4, fullColumns);
      }
    }
    rest(source, sourceStride, target, targetStride, 0, rows, fullColumns, columns);
    rest(source, sourceStride, target, targetStride, fullRows, rows, 0, fullColumns);
  }

  private static void rest(
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

  private static void rows8(long from, long fromBytes, long to, long toBytes, int columns) {
    for (int c = 0; c < columns; c += LANES) {
      long in = from + c * 4L;
      long out = to + c * toBytes;
      FloatVector a0 = FloatVector.fromMemorySegment(F, Native.ALL, in, Native.ORDER);
      FloatVector a1 = FloatVector.fromMemorySegment(F, Native.ALL, in + fromBytes, Native.ORDER);
      FloatVector a2 =
          FloatVector.fromMemorySegment(F, Native.ALL, in + 2 * fromBytes, Native.ORDER);
      FloatVector a3 =
          FloatVector.fromMemorySegment(F, Native.ALL, in + 3 * fromBytes, Native.ORDER);
      FloatVector a4 =
          FloatVector.fromMemorySegment(F, Native.ALL, in + 4 * fromBytes, Native.ORDER);
      FloatVector a5 =
          FloatVector.fromMemorySegment(F, Native.ALL, in + 5 * fromBytes, Native.ORDER);
      FloatVector a6 =
          FloatVector.fromMemorySegment(F, Native.ALL, in + 6 * fromBytes, Native.ORDER);
      FloatVector a7 =
          FloatVector.fromMemorySegment(F, Native.ALL, in + 7 * fromBytes, Native.ORDER);
      FloatVector b0 = a0.blend(a4.rearrange(SWAP4), ODD4);
      FloatVector b4 = a0.rearrange(SWAP4).blend(a4, ODD4);
      FloatVector b1 = a1.blend(a5.rearrange(SWAP4), ODD4);
      FloatVector b5 = a1.rearrange(SWAP4).blend(a5, ODD4);
      FloatVector b2 = a2.blend(a6.rearrange(SWAP4), ODD4);
      FloatVector b6 = a2.rearrange(SWAP4).blend(a6, ODD4);
      FloatVector b3 = a3.blend(a7.rearrange(SWAP4), ODD4);
      FloatVector b7 = a3.rearrange(SWAP4).blend(a7, ODD4);
      FloatVector c0 = b0.blend(b2.rearrange(SWAP2), ODD2);
      FloatVector c2 = b0.rearrange(SWAP2).blend(b2, ODD2);
      FloatVector c1 = b1.blend(b3.rearrange(SWAP2), ODD2);
      FloatVector c3 = b1.rearrange(SWAP2).blend(b3, ODD2);
      FloatVector c4 = b4.blend(b6.rearrange(SWAP2), ODD2);
      FloatVector c6 = b4.rearrange(SWAP2).blend(b6, ODD2);
      FloatVector c5 = b5.blend(b7.rearrange(SWAP2), ODD2);
      FloatVector c7 = b5.rearrange(SWAP2).blend(b7, ODD2);
      FloatVector d0 = c0.blend(c1.rearrange(SWAP1), ODD1);
      FloatVector d1 = c0.rearrange(SWAP1).blend(c1, ODD1);
      FloatVector d2 = c2.blend(c3.rearrange(SWAP1), ODD1);
      FloatVector d3 = c2.rearrange(SWAP1).blend(c3, ODD1);
      FloatVector d4 = c4.blend(c5.rearrange(SWAP1), ODD1);
      FloatVector d5 = c4.rearrange(SWAP1).blend(c5, ODD1);
      FloatVector d6 = c6.blend(c7.rearrange(SWAP1), ODD1);
      FloatVector d7 = c6.rearrange(SWAP1).blend(c7, ODD1);
      if (LANES == 8) {
        d0.intoMemorySegment(Native.ALL, out, Native.ORDER);
        d1.intoMemorySegment(Native.ALL, out + toBytes, Native.ORDER);
        d2.intoMemorySegment(Native.ALL, out + 2 * toBytes, Native.ORDER);
        d3.intoMemorySegment(Native.ALL, out + 3 * toBytes, Native.ORDER);
        d4.intoMemorySegment(Native.ALL, out + 4 * toBytes, Native.ORDER);
        d5.intoMemorySegment(Native.ALL, out + 5 * toBytes, Native.ORDER);
        d6.intoMemorySegment(Native.ALL, out + 6 * toBytes, Native.ORDER);
        d7.intoMemorySegment(Native.ALL, out + 7 * toBytes, Native.ORDER);
      } else {
        d0.intoMemorySegment(Native.ALL, out, Native.ORDER, LEFT);
        d1.intoMemorySegment(Native.ALL, out + toBytes, Native.ORDER, LEFT);
        d2.intoMemorySegment(Native.ALL, out + 2 * toBytes, Native.ORDER, LEFT);
        d3.intoMemorySegment(Native.ALL, out + 3 * toBytes, Native.ORDER, LEFT);
        d4.intoMemorySegment(Native.ALL, out + 4 * toBytes, Native.ORDER, LEFT);
        d5.intoMemorySegment(Native.ALL, out + 5 * toBytes, Native.ORDER, LEFT);
        d6.intoMemorySegment(Native.ALL, out + 6 * toBytes, Native.ORDER, LEFT);
        d7.intoMemorySegment(Native.ALL, out + 7 * toBytes, Native.ORDER, LEFT);
        long right = out + 8 * toBytes - 32;
        d0.intoMemorySegment(Native.ALL, right, Native.ORDER, RIGHT);
        d1.intoMemorySegment(Native.ALL, right + toBytes, Native.ORDER, RIGHT);
        d2.intoMemorySegment(Native.ALL, right + 2 * toBytes, Native.ORDER, RIGHT);
        d3.intoMemorySegment(Native.ALL, right + 3 * toBytes, Native.ORDER, RIGHT);
        d4.intoMemorySegment(Native.ALL, right + 4 * toBytes, Native.ORDER, RIGHT);
        d5.intoMemorySegment(Native.ALL, right + 5 * toBytes, Native.ORDER, RIGHT);
        d6.intoMemorySegment(Native.ALL, right + 6 * toBytes, Native.ORDER, RIGHT);
        d7.intoMemorySegment(Native.ALL, right + 7 * toBytes, Native.ORDER, RIGHT);
      }
    }
  }

  private static void rows4(long from, long fromBytes, long to, long toBytes, int columns) {
    for (int c = 0; c < columns; c += LANES) {
      long in = from + c * 4L;
      long out = to + c * toBytes;
      FloatVector a0 = FloatVector.fromMemorySegment(F, Native.ALL, in, Native.ORDER);
      FloatVector a1 = FloatVector.fromMemorySegment(F, Native.ALL, in + fromBytes, Native.ORDER);
      FloatVector a2 =
          FloatVector.fromMemorySegment(F, Native.ALL, in + 2 * fromBytes, Native.ORDER);
      FloatVector a3 =
          FloatVector.fromMemorySegment(F, Native.ALL, in + 3 * fromBytes, Native.ORDER);
      FloatVector b0 = a0.blend(a2.rearrange(SWAP2), ODD2);
      FloatVector b2 = a0.rearrange(SWAP2).blend(a2, ODD2);
      FloatVector b1 = a1.blend(a3.rearrange(SWAP2), ODD2);
      FloatVector b3 = a1.rearrange(SWAP2).blend(a3, ODD2);
      FloatVector c0 = b0.blend(b1.rearrange(SWAP1), ODD1);
      FloatVector c1 = b0.rearrange(SWAP1).blend(b1, ODD1);
      FloatVector c2 = b2.blend(b3.rearrange(SWAP1), ODD1);
      FloatVector c3 = b2.rearrange(SWAP1).blend(b3, ODD1);
      c0.intoMemorySegment(Native.ALL, out, Native.ORDER);
      c1.intoMemorySegment(Native.ALL, out + toBytes, Native.ORDER);
      c2.intoMemorySegment(Native.ALL, out + 2 * toBytes, Native.ORDER);
      c3.intoMemorySegment(Native.ALL, out + 3 * toBytes, Native.ORDER);
    }
  }
}
