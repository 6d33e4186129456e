package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.VectorSpec.F;

import dev.tenzing.engine.cpu.x86.TileCode;
import java.lang.invoke.MethodHandle;

/** The tile in machine code, where this machine has one for {@link VectorSpec}'s width. */
final class MachineTile {
  // Constants, so that C2 compiles the call and leaves the other branch out.
  private static final MethodHandle FUNCTION;

  /** Whether {@link #run} may be called. */
  static final boolean PRESENT;

  /** What was chosen, for people. */
  static final String REASON;

  static {
    MethodHandle function = null;
    String reason;
    if ("off".equals(System.getProperty("tenzing.machine.code"))) {
      reason = "switched off by tenzing.machine.code=off";
    } else {
      try {
        if (TileCode.runs(F.vectorByteSize())) {
          function = TileCode.function(F.vectorByteSize(), Tile.A_STRIDE * Float.BYTES);
          reason = F.vectorBitSize() == 512 ? "AVX-512" : "AVX2 and FMA";
        } else {
          reason = "there is none for this processor and vector width";
        }
      } catch (UnsupportedOperationException e) {
        reason = e.getMessage();
      }
    }
    FUNCTION = function;
    PRESENT = function != null;
    REASON = reason;
  }

  private MachineTile() {}

  /** Rows of a tile. */
  static int rows() {
    return TileCode.rows(F.vectorByteSize());
  }

  /** See {@link Tile#run}. */
  static void run(
      long a,
      long aStep,
      long b,
      long bStep,
      int depth,
      long add,
      long c,
      long cStep,
      long stride,
      int count) {
    try {
      FUNCTION.invokeExact(a, b, (long) depth, c, stride, add, (long) count, aStep, bStep, cStep);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
