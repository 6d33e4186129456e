package dev.tenzing.engine.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.engine.host.Native;
import java.lang.foreign.Arena;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("kernels")
class PanelsTest {
  private static float columnSum(float[] column, int columns, int which) {
    try (Arena arena = Arena.ofConfined()) {
      long rows = arena.allocate(4L * column.length * columns, 64).address();
      for (int r = 0; r < column.length; r++) {
        for (int c = 0; c < columns; c++) {
          Native.f32(rows + 4L * (r * columns + c), column[r]);
        }
      }
      long sums = arena.allocate(4L * columns, 64).address();
      Panels.sumRows(rows, columns, sums, column.length, columns, false);
      return Native.f32(sums + 4L * which);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 15, 16, 18})
  void manyRowsAddUpWithoutLosingTheirLastBits(int which) {
    float[] column = new float[384];
    Arrays.fill(column, 0.1f);
    assertEquals((float) (384.0 * 0.1f), columnSum(column, 19, which));
  }

  @Test
  void rowsThatCancelLeaveTheirSmallRest() {
    // A plain F32 sum gives 0: each small term is lost beside 2^24.
    float[] column = {0x1p24f, 1, 1, 1, 1, -0x1p24f};
    assertEquals(4, columnSum(column, 17, 0));
    assertEquals(4, columnSum(column, 17, 16));
  }
}
