package dev.tenzing.engine.cpu.gemm;

import static dev.tenzing.engine.cpu.gemm.Tile.A_STRIDE;
import static dev.tenzing.engine.cpu.vector.VectorSpec.F;

import dev.tenzing.engine.host.Native;
import jdk.incubator.vector.FloatVector;

/**
 * The tile of 4 rows and 2 vectors: 8 accumulators, for machines with 16 vector registers.
 *
 * <p>Written out by hand because C2 keeps only local variables in registers: an array of
 * accumulators, or a helper that takes them, is 10 to 45 times slower. Kept short, or C1 runs out
 * of virtual registers and C2 never sees the method; and only methods of the JDK that are forced
 * inline, because C2 stops inlining others, even {@code Native.f32}, in so long a method: 250
 * GFLOP/s become 40.
 */
final class Tile4x2 {
  private static final int BYTES = F.vectorByteSize();

  private Tile4x2() {}

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
  }
}
