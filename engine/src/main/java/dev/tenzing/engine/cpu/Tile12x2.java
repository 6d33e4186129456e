package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Tile.A_STRIDE;
import static dev.tenzing.engine.cpu.VectorSpec.F;

import jdk.incubator.vector.FloatVector;

/**
 * The tile of 12 rows and 2 vectors: 24 accumulators, for machines with 32 vector registers.
 *
 * <p>Written out by hand because C2 keeps only local variables in registers: an array of
 * accumulators, or a helper that takes them, is 10 to 45 times slower.
 */
final class Tile12x2 {
  private static final int BYTES = F.vectorByteSize();

  private Tile12x2() {}

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
    FloatVector c40 = init0;
    FloatVector c41 = init1;
    FloatVector c50 = init0;
    FloatVector c51 = init1;
    FloatVector c60 = init0;
    FloatVector c61 = init1;
    FloatVector c70 = init0;
    FloatVector c71 = init1;
    FloatVector c80 = init0;
    FloatVector c81 = init1;
    FloatVector c90 = init0;
    FloatVector c91 = init1;
    FloatVector ca0 = init0;
    FloatVector ca1 = init1;
    FloatVector cb0 = init0;
    FloatVector cb1 = init1;
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
      FloatVector a4 = FloatVector.broadcast(F, Native.f32(ak + 4 * A_STRIDE * 4L));
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(F, Native.f32(ak + 5 * A_STRIDE * 4L));
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(F, Native.f32(ak + 6 * A_STRIDE * 4L));
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(F, Native.f32(ak + 7 * A_STRIDE * 4L));
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      FloatVector a8 = FloatVector.broadcast(F, Native.f32(ak + 8 * A_STRIDE * 4L));
      c80 = a8.fma(b0, c80);
      c81 = a8.fma(b1, c81);
      FloatVector a9 = FloatVector.broadcast(F, Native.f32(ak + 9 * A_STRIDE * 4L));
      c90 = a9.fma(b0, c90);
      c91 = a9.fma(b1, c91);
      FloatVector aa = FloatVector.broadcast(F, Native.f32(ak + 10 * A_STRIDE * 4L));
      ca0 = aa.fma(b0, ca0);
      ca1 = aa.fma(b1, ca1);
      FloatVector ab = FloatVector.broadcast(F, Native.f32(ak + 11 * A_STRIDE * 4L));
      cb0 = ab.fma(b0, cb0);
      cb1 = ab.fma(b1, cb1);
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
      c40 = c40.add(FloatVector.fromMemorySegment(F, Native.ALL, add + 4 * row, Native.ORDER));
      c41 =
          c41.add(
              FloatVector.fromMemorySegment(F, Native.ALL, add + 4 * row + BYTES, Native.ORDER));
      c50 = c50.add(FloatVector.fromMemorySegment(F, Native.ALL, add + 5 * row, Native.ORDER));
      c51 =
          c51.add(
              FloatVector.fromMemorySegment(F, Native.ALL, add + 5 * row + BYTES, Native.ORDER));
      c60 = c60.add(FloatVector.fromMemorySegment(F, Native.ALL, add + 6 * row, Native.ORDER));
      c61 =
          c61.add(
              FloatVector.fromMemorySegment(F, Native.ALL, add + 6 * row + BYTES, Native.ORDER));
      c70 = c70.add(FloatVector.fromMemorySegment(F, Native.ALL, add + 7 * row, Native.ORDER));
      c71 =
          c71.add(
              FloatVector.fromMemorySegment(F, Native.ALL, add + 7 * row + BYTES, Native.ORDER));
      c80 = c80.add(FloatVector.fromMemorySegment(F, Native.ALL, add + 8 * row, Native.ORDER));
      c81 =
          c81.add(
              FloatVector.fromMemorySegment(F, Native.ALL, add + 8 * row + BYTES, Native.ORDER));
      c90 = c90.add(FloatVector.fromMemorySegment(F, Native.ALL, add + 9 * row, Native.ORDER));
      c91 =
          c91.add(
              FloatVector.fromMemorySegment(F, Native.ALL, add + 9 * row + BYTES, Native.ORDER));
      ca0 = ca0.add(FloatVector.fromMemorySegment(F, Native.ALL, add + 10 * row, Native.ORDER));
      ca1 =
          ca1.add(
              FloatVector.fromMemorySegment(F, Native.ALL, add + 10 * row + BYTES, Native.ORDER));
      cb0 = cb0.add(FloatVector.fromMemorySegment(F, Native.ALL, add + 11 * row, Native.ORDER));
      cb1 =
          cb1.add(
              FloatVector.fromMemorySegment(F, Native.ALL, add + 11 * row + BYTES, Native.ORDER));
    }
    c00.intoMemorySegment(Native.ALL, c, Native.ORDER);
    c01.intoMemorySegment(Native.ALL, c + BYTES, Native.ORDER);
    c10.intoMemorySegment(Native.ALL, c + row, Native.ORDER);
    c11.intoMemorySegment(Native.ALL, c + row + BYTES, Native.ORDER);
    c20.intoMemorySegment(Native.ALL, c + 2 * row, Native.ORDER);
    c21.intoMemorySegment(Native.ALL, c + 2 * row + BYTES, Native.ORDER);
    c30.intoMemorySegment(Native.ALL, c + 3 * row, Native.ORDER);
    c31.intoMemorySegment(Native.ALL, c + 3 * row + BYTES, Native.ORDER);
    c40.intoMemorySegment(Native.ALL, c + 4 * row, Native.ORDER);
    c41.intoMemorySegment(Native.ALL, c + 4 * row + BYTES, Native.ORDER);
    c50.intoMemorySegment(Native.ALL, c + 5 * row, Native.ORDER);
    c51.intoMemorySegment(Native.ALL, c + 5 * row + BYTES, Native.ORDER);
    c60.intoMemorySegment(Native.ALL, c + 6 * row, Native.ORDER);
    c61.intoMemorySegment(Native.ALL, c + 6 * row + BYTES, Native.ORDER);
    c70.intoMemorySegment(Native.ALL, c + 7 * row, Native.ORDER);
    c71.intoMemorySegment(Native.ALL, c + 7 * row + BYTES, Native.ORDER);
    c80.intoMemorySegment(Native.ALL, c + 8 * row, Native.ORDER);
    c81.intoMemorySegment(Native.ALL, c + 8 * row + BYTES, Native.ORDER);
    c90.intoMemorySegment(Native.ALL, c + 9 * row, Native.ORDER);
    c91.intoMemorySegment(Native.ALL, c + 9 * row + BYTES, Native.ORDER);
    ca0.intoMemorySegment(Native.ALL, c + 10 * row, Native.ORDER);
    ca1.intoMemorySegment(Native.ALL, c + 10 * row + BYTES, Native.ORDER);
    cb0.intoMemorySegment(Native.ALL, c + 11 * row, Native.ORDER);
    cb1.intoMemorySegment(Native.ALL, c + 11 * row + BYTES, Native.ORDER);
  }
}
