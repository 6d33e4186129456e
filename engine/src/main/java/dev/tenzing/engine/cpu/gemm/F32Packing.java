package dev.tenzing.engine.cpu.gemm;

import static dev.tenzing.engine.cpu.gemm.Tile.A_STRIDE;
import static dev.tenzing.engine.cpu.gemm.Tile.COLUMNS;

import dev.tenzing.engine.cpu.gemm.Product.Matrix;

/** Panels of F32, as they are. */
public final class F32Packing implements Packing {
  @Override
  public int most() {
    return Tile.DEPTH;
  }

  @Override
  public int elements(int depth) {
    return depth;
  }

  @Override
  public long scratchBytes() {
    return 0;
  }

  @Override
  public void packA(Matrix a, int row, int k, long target, int rows, int depth, long scratch) {
    rows(a.at(row, k), a.stride(), a.transposed(), target, rows, depth);
  }

  /** Left operand: rows of {@code depth} elements, which are columns when stored transposed. */
  public static void rows(
      long source, long stride, boolean transposed, long target, int rows, int depth) {
    if (transposed) {
      Transpose.transpose(source, stride, target, A_STRIDE, depth, rows);
    } else {
      Panels.copyRows(source, stride, target, A_STRIDE, rows, depth);
    }
  }

  @Override
  public void packB(Matrix b, int k, int n, long target, int columns, int depth, long scratch) {
    panel(b.at(k, n), b.stride(), b.transposed(), target, columns, depth);
  }

  /** Right operand: {@code depth} rows of COLUMNS; beyond {@code columns} they are zero. */
  public static void panel(
      long source, long stride, boolean transposed, long target, int columns, int depth) {
    if (!transposed) {
      Panels.copyColumns(source, stride, target, depth, columns, COLUMNS);
      return;
    }
    if (columns < COLUMNS) {
      Panels.zero(target, (long) depth * COLUMNS);
    }
    Transpose.transpose(source, stride, target, COLUMNS, columns, depth);
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
    Tile.run(a, 0, b, bStep, elements, add, c, cStep, stride, count, scratch);
  }
}
