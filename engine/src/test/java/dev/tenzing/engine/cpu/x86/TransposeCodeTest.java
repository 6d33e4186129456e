package dev.tenzing.engine.cpu.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.Test;

/** {@link TransposeCode} on squares among guards. */
class TransposeCodeTest {
  private static final int GUARD = -1;

  @Test
  void transposesAndTouchesNothingElse() throws Throwable {
    assumeTrue(TransposeCode.runs(), "the processor has no vectors of 32 bytes");
    MethodHandle transpose = TransposeCode.function();
    for (int rowSquares : new int[] {1, 2, 5}) {
      for (int columnSquares : new int[] {1, 3, 4}) {
        int rows = rowSquares * TransposeCode.SIDE;
        int columns = columnSquares * TransposeCode.SIDE;
        int width = columns + 3;
        int height = rows + 1;
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment source = arena.allocate(ValueLayout.JAVA_INT, rows * width);
          MemorySegment target = arena.allocate(ValueLayout.JAVA_INT, columns * height);
          for (int i = 0; i < rows * width; i++) {
            source.setAtIndex(ValueLayout.JAVA_INT, i, i);
          }
          target.fill((byte) GUARD);
          transpose.invokeExact(
              source.address(),
              width * 4L,
              target.address(),
              height * 4L,
              (long) rowSquares,
              (long) columnSquares);
          for (int c = 0; c < columns; c++) {
            for (int r = 0; r < height; r++) {
              int expected = r < rows ? r * width + c : GUARD;
              String place = rows + " x " + columns + ", row " + r + ", column " + c;
              assertEquals(
                  expected, target.getAtIndex(ValueLayout.JAVA_INT, c * height + r), place);
            }
          }
        }
      }
    }
  }
}
