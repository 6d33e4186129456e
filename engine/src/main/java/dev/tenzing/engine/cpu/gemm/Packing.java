package dev.tenzing.engine.cpu.gemm;

import dev.tenzing.engine.Precision;
import dev.tenzing.engine.cpu.gemm.Product.Matrix;

/**
 * What the panels of a {@link Product} hold, and the tiles that multiply them. An element of a
 * panel has 32 bits; it stands for one place of K, or for two.
 */
public sealed interface Packing permits F32Packing, RoundedPacking, Bf16Packing {
  /** That of a precision of the CPU, on this machine. */
  static Packing of(Precision precision) {
    return switch (precision) {
      case FP32 -> new F32Packing();
      case BF16 ->
          MachineKernels.BF16 ? new Bf16Packing(MachineKernels::bf16Tiles) : new RoundedPacking();
      case TF32 -> throw new IllegalArgumentException("the CPU has no TF32");
    };
  }

  /** The most of K that a block may have: as much as {@link Tile#DEPTH} elements hold. */
  int most();

  /** Elements that hold {@code depth} of K. */
  int elements(int depth);

  /** Memory that packing needs beside its target. */
  long scratchBytes();

  /**
   * Packs a[row.., k..] into rows that lie {@link Tile#A_STRIDE} elements apart.
   *
   * @param scratch room of {@link #scratchBytes}
   */
  void packA(Matrix a, int row, int k, long target, int rows, int depth, long scratch);

  /**
   * Packs b[k.., n..] into rows of {@link Tile#COLUMNS}; beyond {@code columns} they are zero.
   *
   * @param scratch room of {@link #scratchBytes}
   */
  void packB(Matrix b, int k, int n, long target, int columns, int depth, long scratch);

  /** {@link Tile#run} on panels that were packed here; its depth and steps count elements. */
  void multiply(
      long a,
      long b,
      long bStep,
      int elements,
      long add,
      long c,
      long cStep,
      long stride,
      int count,
      long scratch);
}
