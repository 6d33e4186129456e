package dev.tenzing.engine.cpu;

import java.util.Locale;

/**
 * The micro-kernel of a matrix product: one tile of the output, held in registers.
 *
 * <p>The accumulators, two vectors of b and a broadcast element of a must fit the register file, or
 * C2 spills them: 12x2 vectors on machines with 32 vector registers, 4x2 on those with 16. {@code
 * GemmBenchmark} measures the choice.
 */
final class Tile {
  private static final boolean TALL =
      VectorSpec.F.vectorBitSize() >= 512
          || System.getProperty("os.arch", "").toLowerCase(Locale.ROOT).equals("aarch64");

  /** Rows of a tile. */
  static final int ROWS = TALL ? 12 : 4;

  /** Columns of a tile. */
  static final int COLUMNS = 2 * VectorSpec.F.length();

  /** Most products that one tile adds up at a time; b's panel then about fills L1. */
  static final int DEPTH = 384;

  // A little more than DEPTH, so that the rows of a panel do not share sets of L1.
  /** Elements from one row of a's panel to the next. */
  static final int A_STRIDE = DEPTH + 16;

  private Tile() {}

  /**
   * {@code c[i,j] = b[0,j] + sum over k of a[i,k] b[1+k,j]}, the sum starting with b[0,j] and
   * running upward in k, one fused multiply-add after the other, whatever the tile's shape.
   *
   * @param a panel of ROWS rows, A_STRIDE elements apart
   * @param b panel of 1 + depth rows of COLUMNS elements, the first being initial values
   * @param depth products to add up, 1 to DEPTH
   * @param c tile to write
   * @param stride elements from one row of c to the next
   */
  static void multiply(long a, long b, int depth, long c, long stride) {
    if (TALL) {
      Tile12x2.multiply(a, b, depth, c, stride);
    } else {
      Tile4x2.multiply(a, b, depth, c, stride);
    }
  }
}
