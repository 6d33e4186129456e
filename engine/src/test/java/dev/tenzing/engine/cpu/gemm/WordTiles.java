package dev.tenzing.engine.cpu.gemm;

import static dev.tenzing.engine.cpu.vector.VectorSpec.F;

import dev.tenzing.engine.cpu.vector.Lanes;
import dev.tenzing.engine.host.Native;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Tiles of words of two BF16 numbers on the Vector API: what {@link Bf16Packing} is tested with
 * where the processor has no instruction for them.
 */
final class WordTiles {
  private static final int UPPER = 0xffff0000;

  private WordTiles() {}

  /** See {@link Bf16Packing.Tiles}. */
  static void run(
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
    int lanes = F.length();
    for (int tile = 0; tile < count; tile++) {
      for (int i = 0; i < Tile.ROWS * 2; i++) {
        long row = a + tile * aStep + 4L * (i / 2) * Tile.A_STRIDE;
        long column = b + tile * bStep + i % 2 * lanes * 4L;
        long at = tile * cStep + i / 2 * stride + i % 2 * lanes * 4L;
        FloatVector sum = Lanes.load(column).add(sum(row, column + Tile.COLUMNS * 4L, words));
        Lanes.store(add == 0 ? sum : sum.add(Lanes.load(add + at)), c + at);
      }
    }
  }

  private static FloatVector sum(long row, long column, int words) {
    FloatVector sum = FloatVector.zero(F);
    for (int k = 0; k < words; k++) {
      int left = Native.i32(row + k * 4L);
      IntVector right = Lanes.load(column + 4L * k * Tile.COLUMNS).reinterpretAsInts();
      FloatVector upper = right.and(UPPER).reinterpretAsFloats();
      FloatVector lower = right.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      sum = upper.fma(FloatVector.broadcast(F, Float.intBitsToFloat(left & UPPER)), sum);
      sum = lower.fma(FloatVector.broadcast(F, Float.intBitsToFloat(left << 16)), sum);
    }
    return sum;
  }
}
