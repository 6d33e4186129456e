package dev.tenzing.engine.cpu.gemm;

import dev.tenzing.engine.cpu.vector.VectorSpec;
import java.util.Locale;

/**
 * The micro-kernel of a matrix product: one tile of the output, held in registers, and runs of
 * tiles that share an operand.
 *
 * <p>On x86-64 it is machine code ({@link dev.tenzing.engine.cpu.x86}); elsewhere, and where that
 * is not allowed, vectors of the JDK. The accumulators, two vectors of b and a broadcast element of
 * a must fit the register file: 12x2 vectors on machines with 32 vector registers; with 16, 6x2 in
 * machine code and 4x2 as C2 compiles it, which spills the larger one. All give the same bits.
 */
public final class Tile {
  private static final boolean TALL =
      VectorSpec.F.vectorBitSize() >= 512
          || System.getProperty("os.arch", "").toLowerCase(Locale.ROOT).equals("aarch64");

  /** Most products that one tile adds up at a time; b's panel then about fills L1. */
  public static final int DEPTH = 384;

  // A little more than DEPTH, so that the rows of a panel do not share sets of L1.
  /** Elements from one row of a's panel to the next. */
  public static final int A_STRIDE = DEPTH + 16;

  /** Rows of a tile. */
  public static final int ROWS = MachineKernels.PRESENT ? MachineKernels.tileRows() : TALL ? 12 : 4;

  /** Columns of a tile. */
  public static final int COLUMNS = 2 * VectorSpec.F.length();

  /** Bytes from a tile's first row of a to the next tile's. */
  public static final long A_STEP = (long) ROWS * A_STRIDE * Float.BYTES;

  /** Bytes of one tile. */
  public static final long BYTES = (long) ROWS * COLUMNS * Float.BYTES;

  private Tile() {}

  /**
   * A run of tiles: {@code count} times
   *
   * <pre>
   *   c[i,j] = (b[0,j] + sum over k of a[i,k] b[1+k,j]) + add[i,j]
   * </pre>
   *
   * then a, b, c and add move on by their steps. The sum runs upward in k from zero, one fused
   * multiply-add after the other, whatever the tile's shape. Steps and strides are in bytes.
   *
   * @param a panel of ROWS rows, A_STRIDE elements apart
   * @param b panel of 1 + depth rows of COLUMNS elements, the first being initial values
   * @param depth products to add up, 1 to DEPTH
   * @param add as c and with its strides, 0 for none; may be c
   * @param c tile to write
   * @param stride from one row of c, and of add, to the next
   * @param scratch room for a tile, {@link #BYTES}
   */
  public static void run(
      long a,
      long aStep,
      long b,
      long bStep,
      int depth,
      long add,
      long c,
      long cStep,
      long stride,
      int count,
      long scratch) {
    if (MachineKernels.PRESENT) {
      MachineKernels.tiles(a, aStep, b, bStep, depth, add, c, cStep, stride, count);
      return;
    }
    long columns = stride / Float.BYTES;
    for (int i = 0; i < count; i++) {
      long to = c + i * cStep;
      if (add == 0) {
        multiply(a + i * aStep, b + i * bStep, depth, to, columns);
      } else {
        multiply(a + i * aStep, b + i * bStep, depth, scratch, COLUMNS);
        Panels.store(scratch, COLUMNS, add + i * cStep, to, columns, ROWS, COLUMNS);
      }
    }
  }

  private static void multiply(long a, long b, int depth, long c, long stride) {
    if (TALL) {
      Tile12x2.multiply(a, b, depth, c, stride);
    } else {
      Tile4x2.multiply(a, b, depth, c, stride);
    }
  }
}
