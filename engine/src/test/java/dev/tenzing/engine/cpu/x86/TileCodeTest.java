package dev.tenzing.engine.cpu.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link TileCode} against a loop of {@link Math#fma}, bit for bit. */
class TileCodeTest {
  /** Calls a run of tiles with its ten arguments. */
  @FunctionalInterface
  private interface Tiles {
    void run(long[] arguments) throws Throwable;
  }

  private static final int ROW = 400;
  private static final float GUARD = -12345f;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {32, 64})
  void sameBitsAsALoop(int vectorBytes) throws Throwable {
    assumeTrue(
        TileCode.runs(vectorBytes), "the processor has no vectors of " + vectorBytes + " bytes");
    MethodHandle function = TileCode.function(vectorBytes, ROW * Float.BYTES);
    Tiles tiles =
        a -> {
          function.invokeExact(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9]);
        };
    SplittableRandom random = new SplittableRandom(vectorBytes);
    for (int depth : new int[] {1, 2, 3, 4, 5, 7, 8, 64, 383, 384}) {
      for (int count : new int[] {1, 2, 5}) {
        for (boolean add : new boolean[] {false, true}) {
          run(tiles, vectorBytes, depth, count, add, true, random);
          run(tiles, vectorBytes, depth, count, add, false, random);
        }
      }
    }
  }

  /** Also for vectors that this processor does not have. */
  @ParameterizedTest
  @ValueSource(ints = {32, 64})
  void sameBitsWhenInterpreted(int vectorBytes) throws Throwable {
    Map<Long, String> program =
        Disassembler.read(TileCode.assemble(vectorBytes, ROW * Float.BYTES), folder);
    Tiles tiles =
        a -> {
          try (Arena arena = Arena.ofConfined()) {
            // The return address, and the arguments after the sixth.
            MemorySegment stack = arena.allocate(ValueLayout.JAVA_LONG, 5);
            for (int i = 1; i < 5; i++) {
              stack.setAtIndex(ValueLayout.JAVA_LONG, i, a[5 + i]);
            }
            Interpreter interpreter = new Interpreter(vectorBytes);
            String[] registers = {"rdi", "rsi", "rdx", "rcx", "r8", "r9"};
            for (int i = 0; i < registers.length; i++) {
              interpreter.set(registers[i], a[i]);
            }
            interpreter.set("rsp", stack.address());
            interpreter.run(program, 0);
          }
        };
    SplittableRandom random = new SplittableRandom(vectorBytes);
    for (int depth : new int[] {1, 4, 7}) {
      run(tiles, vectorBytes, depth, 2, false, true, random);
      run(tiles, vectorBytes, depth, 2, true, false, random);
    }
  }

  /** Tiles beside each other, which share a, or below each other, which share b. */
  private static void run(
      Tiles tiles,
      int vectorBytes,
      int depth,
      int count,
      boolean add,
      boolean beside,
      SplittableRandom random)
      throws Throwable {
    int rows = TileCode.rows(vectorBytes);
    int columns = 2 * vectorBytes / Float.BYTES;
    int panel = (depth + 1) * columns;
    // One column more than the tiles need, so that rows are not aligned and guards lie between.
    int stride = (beside ? count * columns : columns) + 1;
    int height = beside ? rows : count * rows;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = random(arena, height * ROW, random);
      MemorySegment b = random(arena, (beside ? count : 1) * panel, random);
      MemorySegment plus = random(arena, height * stride, random);
      MemorySegment c = arena.allocate(ValueLayout.JAVA_FLOAT, height * stride);
      for (int i = 0; i < height * stride; i++) {
        c.setAtIndex(ValueLayout.JAVA_FLOAT, i, GUARD);
      }
      tiles.run(
          new long[] {
            a.address(),
            b.address(),
            depth,
            c.address(),
            stride * 4L,
            add ? plus.address() : 0,
            count,
            beside ? 0 : rows * ROW * 4L,
            beside ? panel * 4L : 0,
            beside ? columns * 4L : rows * stride * 4L
          });
      for (int i = 0; i < height; i++) {
        for (int j = 0; j < stride; j++) {
          float expected = GUARD;
          if (j < stride - 1) {
            int from = beside ? j / columns * panel + j % columns : j;
            float sum = 0;
            for (int k = 0; k < depth; k++) {
              sum = Math.fma(at(a, i * ROW + k), at(b, from + (k + 1) * columns), sum);
            }
            expected = at(b, from) + sum;
            if (add) {
              expected += at(plus, i * stride + j);
            }
          }
          String place = "depth " + depth + ", " + count + " tiles, row " + i + ", column " + j;
          assertEquals(expected, at(c, i * stride + j), place);
        }
      }
    }
  }

  private static MemorySegment random(Arena arena, int n, SplittableRandom random) {
    MemorySegment memory = arena.allocate(ValueLayout.JAVA_FLOAT, n);
    for (int i = 0; i < n; i++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
    }
    return memory;
  }

  private static float at(MemorySegment memory, long index) {
    return memory.getAtIndex(ValueLayout.JAVA_FLOAT, index);
  }

  @Test
  void otherWidthsDoNotRun() {
    assertFalse(TileCode.runs(16));
  }
}
