package dev.tenzing.engine.cpu.gemm;

import static dev.tenzing.engine.cpu.gemm.Tile.A_STRIDE;
import static dev.tenzing.engine.cpu.vector.VectorSpec.F;

import dev.tenzing.engine.host.Native;
import jdk.incubator.vector.FloatVector;

/**
 * The tile of 12 rows and 2 vectors: 24 accumulators, for machines with 32 vector registers.
 *
 * <p>Written out by hand because C2 keeps only local variables in registers: an array of
 * accumulators, or a helper that takes them, is 10 to 45 times slower. Kept short, or C1 runs out
 * of virtual registers and C2 never sees the method; and only methods of the JDK that are forced
 * inline, because C2 stops inlining others, even {@code Native.f32}, in so long a method: 250
 * GFLOP/s become 40.
 */
final class Tile12x2 {
  private static final int BYTES = F.vectorByteSize();

  private Tile12x2() {}

  /** See {@link Tile#multiply}. */
  static void multiply(long a, long b, int depth, long c, long stride) {
    FloatVector c00 = FloatVector.zero(F);
    FloatVector c01 = FloatVector.zero(F);
    FloatVector c10 = FloatVector.zero(F);
    FloatVector c11 = FloatVector.zero(F);
    FloatVector c20 = FloatVector.zero(F);
    FloatVector c21 = FloatVector.zero(F);
    FloatVector c30 = FloatVector.zero(F);
    FloatVector c31 = FloatVector.zero(F);
    FloatVector c40 = FloatVector.zero(F);
    FloatVector c41 = FloatVector.zero(F);
    FloatVector c50 = FloatVector.zero(F);
    FloatVector c51 = FloatVector.zero(F);
    FloatVector c60 = FloatVector.zero(F);
    FloatVector c61 = FloatVector.zero(F);
    FloatVector c70 = FloatVector.zero(F);
    FloatVector c71 = FloatVector.zero(F);
    FloatVector c80 = FloatVector.zero(F);
    FloatVector c81 = FloatVector.zero(F);
    FloatVector c90 = FloatVector.zero(F);
    FloatVector c91 = FloatVector.zero(F);
    FloatVector ca0 = FloatVector.zero(F);
    FloatVector ca1 = FloatVector.zero(F);
    FloatVector cb0 = FloatVector.zero(F);
    FloatVector cb1 = FloatVector.zero(F);
    for (int k = 0; k < depth; k++) {
      long ak = a + k * 4L;
      long bk = b + (k + 1) * (2L * BYTES);
      FloatVector b0 = FloatVector.fromMemorySegment(F, Native.ALL, bk, Native.ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(F, Native.ALL, bk + BYTES, Native.ORDER);
      FloatVector a0 = FloatVector.broadcast(F, Native.ALL.get(Native.F32, ak));
      c00 = a0.fma(b0, c00);
      c01 = a0.fma(b1, c01);
      FloatVector a1 = FloatVector.broadcast(F, Native.ALL.get(Native.F32, ak + A_STRIDE * 4L));
      c10 = a1.fma(b0, c10);
      c11 = a1.fma(b1, c11);
      FloatVector a2 = FloatVector.broadcast(F, Native.ALL.get(Native.F32, ak + 2 * A_STRIDE * 4L));
      c20 = a2.fma(b0, c20);
      c21 = a2.fma(b1, c21);
      FloatVector a3 = FloatVector.broadcast(F, Native.ALL.get(Native.F32, ak + 3 * A_STRIDE * 4L));
      c30 = a3.fma(b0, c30);
      c31 = a3.fma(b1, c31);
      FloatVector a4 = FloatVector.broadcast(F, Native.ALL.get(Native.F32, ak + 4 * A_STRIDE * 4L));
      c40 = a4.fma(b0, c40);
      c41 = a4.fma(b1, c41);
      FloatVector a5 = FloatVector.broadcast(F, Native.ALL.get(Native.F32, ak + 5 * A_STRIDE * 4L));
      c50 = a5.fma(b0, c50);
      c51 = a5.fma(b1, c51);
      FloatVector a6 = FloatVector.broadcast(F, Native.ALL.get(Native.F32, ak + 6 * A_STRIDE * 4L));
      c60 = a6.fma(b0, c60);
      c61 = a6.fma(b1, c61);
      FloatVector a7 = FloatVector.broadcast(F, Native.ALL.get(Native.F32, ak + 7 * A_STRIDE * 4L));
      c70 = a7.fma(b0, c70);
      c71 = a7.fma(b1, c71);
      FloatVector a8 = FloatVector.broadcast(F, Native.ALL.get(Native.F32, ak + 8 * A_STRIDE * 4L));
      c80 = a8.fma(b0, c80);
      c81 = a8.fma(b1, c81);
      FloatVector a9 = FloatVector.broadcast(F, Native.ALL.get(Native.F32, ak + 9 * A_STRIDE * 4L));
      c90 = a9.fma(b0, c90);
      c91 = a9.fma(b1, c91);
      FloatVector aa =
          FloatVector.broadcast(F, Native.ALL.get(Native.F32, ak + 10 * A_STRIDE * 4L));
      ca0 = aa.fma(b0, ca0);
      ca1 = aa.fma(b1, ca1);
      FloatVector ab =
          FloatVector.broadcast(F, Native.ALL.get(Native.F32, ak + 11 * A_STRIDE * 4L));
      cb0 = ab.fma(b0, cb0);
      cb1 = ab.fma(b1, cb1);
    }
    long row = stride * 4;
    FloatVector init0 = FloatVector.fromMemorySegment(F, Native.ALL, b, Native.ORDER);
    FloatVector init1 = FloatVector.fromMemorySegment(F, Native.ALL, b + BYTES, Native.ORDER);
    init0.add(c00).intoMemorySegment(Native.ALL, c, Native.ORDER);
    init1.add(c01).intoMemorySegment(Native.ALL, c + BYTES, Native.ORDER);
    init0.add(c10).intoMemorySegment(Native.ALL, c + row, Native.ORDER);
    init1.add(c11).intoMemorySegment(Native.ALL, c + row + BYTES, Native.ORDER);
    init0.add(c20).intoMemorySegment(Native.ALL, c + 2 * row, Native.ORDER);
    init1.add(c21).intoMemorySegment(Native.ALL, c + 2 * row + BYTES, Native.ORDER);
    init0.add(c30).intoMemorySegment(Native.ALL, c + 3 * row, Native.ORDER);
    init1.add(c31).intoMemorySegment(Native.ALL, c + 3 * row + BYTES, Native.ORDER);
    init0.add(c40).intoMemorySegment(Native.ALL, c + 4 * row, Native.ORDER);
    init1.add(c41).intoMemorySegment(Native.ALL, c + 4 * row + BYTES, Native.ORDER);
    init0.add(c50).intoMemorySegment(Native.ALL, c + 5 * row, Native.ORDER);
    init1.add(c51).intoMemorySegment(Native.ALL, c + 5 * row + BYTES, Native.ORDER);
    init0.add(c60).intoMemorySegment(Native.ALL, c + 6 * row, Native.ORDER);
    init1.add(c61).intoMemorySegment(Native.ALL, c + 6 * row + BYTES, Native.ORDER);
    init0.add(c70).intoMemorySegment(Native.ALL, c + 7 * row, Native.ORDER);
    init1.add(c71).intoMemorySegment(Native.ALL, c + 7 * row + BYTES, Native.ORDER);
    init0.add(c80).intoMemorySegment(Native.ALL, c + 8 * row, Native.ORDER);
    init1.add(c81).intoMemorySegment(Native.ALL, c + 8 * row + BYTES, Native.ORDER);
    init0.add(c90).intoMemorySegment(Native.ALL, c + 9 * row, Native.ORDER);
    init1.add(c91).intoMemorySegment(Native.ALL, c + 9 * row + BYTES, Native.ORDER);
    init0.add(ca0).intoMemorySegment(Native.ALL, c + 10 * row, Native.ORDER);
    init1.add(ca1).intoMemorySegment(Native.ALL, c + 10 * row + BYTES, Native.ORDER);
    init0.add(cb0).intoMemorySegment(Native.ALL, c + 11 * row, Native.ORDER);
    init1.add(cb1).intoMemorySegment(Native.ALL, c + 11 * row + BYTES, Native.ORDER);
  }
}
