package dev.tenzing.engine.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernels")
class TransposeTest {
  private static final int SIZE = 50;
  private static final float UNTOUCHED = -1;

  /** Every element of every size arrives, and nothing around the target is written. */
  @Test
  void movesEveryElementAndNothingElse() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocate(ValueLayout.JAVA_FLOAT, (long) SIZE * SIZE);
      MemorySegment to = arena.allocate(ValueLayout.JAVA_FLOAT, (long) SIZE * SIZE);
      for (int i = 0; i < SIZE * SIZE; i++) {
        from.setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
      }
      for (int rows : new int[] {1, 3, 4, 8, 15, 16, 17, 32, 45}) {
        for (int columns : new int[] {1, 2, 7, 8, 16, 19, 33, 48}) {
          float[] expected = new float[SIZE * SIZE];
          Arrays.fill(expected, UNTOUCHED);
          MemorySegment.copy(expected, 0, to, ValueLayout.JAVA_FLOAT, 0, expected.length);
          for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
              expected[c * SIZE + r] = r * SIZE + c;
            }
          }
          Transpose.transpose(from.address(), SIZE, to.address(), SIZE, rows, columns);
          assertArrayEquals(
              expected,
              to.toArray(ValueLayout.JAVA_FLOAT),
              rows + " rows, " + columns + " columns");
        }
      }
    }
  }
}
