package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Tile.A_STRIDE;
import static dev.tenzing.engine.cpu.VectorSpec.F;

import jdk.incubator.vector.FloatVector;

/**
 * The tile of 4 rows and 2 vectors: 8 accumulators, for machines with 16 vector registers.
 *
 * <p>Written out by hand because C2 keeps only local variables in registers: an array of
 * accumulators, or a helper that takes them, is 10 to 45 times slower.
 */
final class Tile4x2 {
  private static final int BYTES = F.vectorByteSize();

  private Tile4x2() {}

  /** See {@link Tile#multiply}. */
  static void multiply(long a, long b, int depth, long add, long c, long stride) {
    FloatVector init0 = FloatVector.fromMemorySegment(F, Native.ALL, b, Native.ORDER);
    FloatVector init1 = FloatVector.fromMemorySegment(F, Native.ALL, b + BYTES, Native.ORDER);
    FloatVector c00 = init0;
    FloatVector c01 = init1;
    FloatVector c10 = init0;
    FloatVector c11 = init1;
    FloatVector c20 = init0;
    FloatVector c21 = init1;
    FloatVector c30 = init0;
    FloatVector c31 = init1;
    for (int k = 0; k < depth; k++) {
      long ak = a + k * 4L;
      long bk = b + (k + 1) * (2L * BYTES);
      FloatVector b0 = FloatVector.fromMemorySegment(F, Native.ALL, bk, Native.ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, Native.ALL, bk + BYTES, Native.ORDER);
      FloatVector a0 = FloatVector.broadcast(F, Native.f32(ak));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(F, Native.f32(ak + A_STRIDE * 4L));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(F, Native.f32(ak + 2 * A_STRIDE * 4L));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(F, Native.f32(ak + 3 * A_STRIDE * 4L));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
    }
    long row = stride * 4;
    if (add != 0) {
      c00 = c00.add(FloatVector.fromMemorySegment(F, Native.ALL, add, Native.ORDER));
      c01 = c01.add(FloatVector.fromMemorySegment(F, Native.ALL, add + BYTES, Native.ORDER));
      c10 = c10.add(FloatVector.fromMemorySegment(F, Native.ALL, add + row, Native.ORDER));
      c11 = c11.add(FloatVector.fromMemorySegment(F, Native.ALL, add + row + BYTES, Native.ORDER));
      c20 = c20.add(FloatVector.fromMemorySegment(F, Native.ALL, add + 2 * row, Native.ORDER));
      c21 =
          c21.add(
              FloatVector.fromMemorySegment(F, Native.ALL, add + 2 * row + BYTES, Native.ORDER));
      c30 = c30.add(FloatVector.fromMemorySegment(F, Native.ALL, add + 3 * row, Native.ORDER));
      c31 =
          c31.add(
              FloatVector.fromMemorySegment(F, Native.ALL, add + 3 * row + BYTES, Native.ORDER));
    }
    c00.intoMemorySegment(Native.ALL, c, Native.ORDER);
    c01.intoMemorySegment(Native.ALL, c + BYTES, Native.ORDER);
    c10.intoMemorySegment(Native.ALL, c + row, Native.ORDER);
    c11.intoMemorySegment(Native.ALL, c + row + BYTES, Native.ORDER);
    c20.intoMemorySegment(Native.ALL, c + 2 * row, Native.ORDER);
    c21.intoMemorySegment(Native.ALL, c + 2 * row + BYTES, Native.ORDER);
    c30.intoMemorySegment(Native.ALL, c + 3 * row, Native.ORDER);
    c31.intoMemorySegment(Native.ALL, c + 3 * row + BYTES, Native.ORDER);
  }
}
