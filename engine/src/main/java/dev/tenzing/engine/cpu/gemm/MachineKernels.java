package dev.tenzing.engine.cpu.gemm;

import static dev.tenzing.engine.cpu.vector.VectorSpec.F;

import dev.tenzing.engine.cpu.vector.VectorSpec;
import dev.tenzing.engine.cpu.x86.TileCode;
import dev.tenzing.engine.cpu.x86.TileCode.Element;
import dev.tenzing.engine.cpu.x86.TransposeCode;
import java.lang.invoke.MethodHandle;

/**
 * What runs as machine code where this machine has it for {@link VectorSpec}'s width: tiles of
 * matrix products and transposition.
 */
public final class MachineKernels {
  // Constants, so that C2 compiles the calls and leaves the other branches out.
  private static final MethodHandle TILES;
  private static final MethodHandle BF16_TILES;
  private static final MethodHandle TRANSPOSE;

  /** Whether the methods may be called, but for {@link #bf16Tiles}. */
  public static final boolean PRESENT;

  /** Whether {@link #bf16Tiles} may be called too. */
  public static final boolean BF16;

  /** What was chosen, for people. */
  public static final String REASON;

  static {
    MethodHandle tiles = null;
    MethodHandle bf16Tiles = null;
    MethodHandle transpose = null;
    String reason;
    if ("off".equals(System.getProperty("tenzing.machine.code"))) {
      reason = "switched off by tenzing.machine.code=off";
    } else {
      try {
        int vectorBytes = F.vectorByteSize();
        int rowBytes = Tile.A_STRIDE * Float.BYTES;
        if (TileCode.runs(Element.F32, vectorBytes)) {
          tiles = TileCode.function(Element.F32, vectorBytes, rowBytes);
          if (TileCode.runs(Element.BF16_PAIR, vectorBytes)) {
            bf16Tiles = TileCode.function(Element.BF16_PAIR, vectorBytes, rowBytes);
          }
          transpose = TransposeCode.function();
          reason = F.vectorBitSize() == 512 ? "AVX-512" : "AVX2 and FMA";
        } else {
          reason = "there is none for this processor and vector width";
        }
      } catch (UnsupportedOperationException e) {
        reason = e.getMessage();
      }
    }
    TILES = tiles;
    BF16_TILES = bf16Tiles;
    TRANSPOSE = transpose;
    PRESENT = transpose != null;
    BF16 = PRESENT && bf16Tiles != null;
    REASON = reason;
  }

  private MachineKernels() {}

  /** Rows of a tile. */
  public static int tileRows() {
    return TileCode.rows(F.vectorByteSize());
  }

  /** See {@link Tile#run}. */
  public static void tiles(
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
      TILES.invokeExact(a, b, (long) depth, c, stride, add, (long) count, aStep, bStep, cStep);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** {@link #tiles} of words of two BF16 numbers; b's first row, add and c are F32. */
  public static void bf16Tiles(
      long a,
      long aStep,
      long b,
      long bStep,
      int words,
      long add,
      long c,
      long cStep,
      long stride,
      int count) {
    try {
      BF16_TILES.invokeExact(a, b, (long) words, c, stride, add, (long) count, aStep, bStep, cStep);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * {@code target[c,r] = source[r,c]} for multiples of {@link TransposeCode#SIDE} rows and columns,
   * at least one; strides are in bytes.
   */
  public static void transpose(
      long source, long sourceStride, long target, long targetStride, int rows, int columns) {
    try {
      TRANSPOSE.invokeExact(
          source,
          sourceStride,
          target,
          targetStride,
          (long) (rows / TransposeCode.SIDE),
          (long) (columns / TransposeCode.SIDE));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Machine code throws nothing; an error of the JVM, such as a stack overflow, passes. */
  private static RuntimeException unexpected(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return e instanceof RuntimeException known ? known : new IllegalStateException(e);
  }
}
