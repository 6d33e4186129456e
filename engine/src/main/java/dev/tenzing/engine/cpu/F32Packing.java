package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Tile.A_STRIDE;
import static dev.tenzing.engine.cpu.Tile.COLUMNS;

import dev.tenzing.engine.cpu.Product.Matrix;

/** Panels of F32, as they are. */
final class F32Packing implements Packing {
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
    if (a.transposed()) {
      Transpose.transpose(a.at(row, k), a.stride(), target, A_STRIDE, depth, rows);
    } else {
      Panels.copyRows(a.at(row, k), a.stride(), target, A_STRIDE, rows, depth);
    }
  }

  @Override
  public void packB(Matrix b, int k, int n, long target, int columns, int depth, long scratch) {
    if (!b.transposed()) {
      Panels.copyColumns(b.at(k, n), b.stride(), target, depth, columns, COLUMNS);
      return;
    }
    if (columns < COLUMNS) {
      Panels.zero(target, (long) depth * COLUMNS);
    }
    Transpose.transpose(b.at(k, n), b.stride(), target, COLUMNS, columns, depth);
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
