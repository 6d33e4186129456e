package dev.tenzing.engine.cpu.gemm;

import static dev.tenzing.engine.cpu.gemm.Tile.A_STRIDE;
import static dev.tenzing.engine.cpu.gemm.Tile.COLUMNS;

import dev.tenzing.engine.cpu.gemm.Product.Matrix;

/**
 * Panels of F32 rounded to BF16, for processors that do not multiply BF16: the numbers of {@link
 * Bf16Packing}, at the speed of F32.
 */
final class RoundedPacking implements Packing {
  private final F32Packing plain = new F32Packing();

  @Override
  public int most() {
    return plain.most();
  }

  @Override
  public int elements(int depth) {
    return plain.elements(depth);
  }

  @Override
  public long scratchBytes() {
    return plain.scratchBytes();
  }

  @Override
  public void packA(Matrix a, int row, int k, long target, int rows, int depth, long scratch) {
    plain.packA(a, row, k, target, rows, depth, scratch);
    Bf16.round(target, A_STRIDE, rows, depth);
  }

  @Override
  public void packB(Matrix b, int k, int n, long target, int columns, int depth, long scratch) {
    plain.packB(b, k, n, target, columns, depth, scratch);
    Bf16.round(target, COLUMNS, depth, COLUMNS);
  }

  @Override
  public void multiply(
      long a,
      long b,
      long bStep,
      int elements,
      long add,
      long c,
      long cStep,
      long stride,
      int count,
      long scratch) {
    plain.multiply(a, b, bStep, elements, add, c, cStep, stride, count, scratch);
  }
}
