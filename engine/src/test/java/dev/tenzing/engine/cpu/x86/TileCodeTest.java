package dev.tenzing.engine.cpu.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.engine.cpu.x86.TileCode.Element;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link TileCode} against a plain loop, bit for bit. */
class TileCodeTest {
  /** Calls a run of tiles with its ten arguments. */
  @FunctionalInterface
  private interface Tiles {
    void run(long[] arguments) throws Throwable;
  }

  /** Elements, as 32 bits. */
  @FunctionalInterface
  private interface Draw {
    float next(SplittableRandom random);
  }

  private static final Draw NUMBERS = TileCodeTest::number;

  private static final Draw PAIRS = random -> pair(number(random), number(random));

  /**
   * A processor may add the products of a pair in another order than the manual says. Sums of small
   * integers are the same in any.
   */
  private static final Draw SMALL_PAIRS =
      random -> pair(random.nextInt(-9, 10), random.nextInt(-9, 10));

  private static final int ROW = 400;
  private static final float GUARD = -12345f;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"F32, 32", "F32, 64", "BF16_PAIR, 64"})
  void sameBitsAsALoop(Element element, int vectorBytes) throws Throwable {
    assumeTrue(
        TileCode.runs(element, vectorBytes),
        "the processor has no tiles of " + element + " in " + vectorBytes + " bytes");
    Draw draw = element == Element.F32 ? NUMBERS : SMALL_PAIRS;
    MethodHandle function = TileCode.function(element, vectorBytes, ROW * Float.BYTES);
    Tiles tiles =
        a -> {
          function.invokeExact(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9]);
        };
    SplittableRandom random = new SplittableRandom(vectorBytes);
    for (int depth : new int[] {1, 2, 3, 4, 5, 7, 8, 64, 383, 384}) {
      for (int count : new int[] {1, 2, 5}) {
        for (boolean add : new boolean[] {false, true}) {
          run(tiles, element, draw, vectorBytes, depth, count, add, true, random);
          run(tiles, element, draw, vectorBytes, depth, count, add, false, random);
        }
      }
    }
  }

  /** Also for vectors that this processor does not have. */
  @ParameterizedTest
  @CsvSource({"F32, 32", "F32, 64", "BF16_PAIR, 64"})
  void sameBitsWhenInterpreted(Element element, int vectorBytes) throws Throwable {
    Map<Long, String> program =
        Disassembler.read(TileCode.assemble(element, vectorBytes, ROW * Float.BYTES), folder);
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
    Draw draw = element == Element.F32 ? NUMBERS : PAIRS;
    SplittableRandom random = new SplittableRandom(vectorBytes);
    for (int depth : new int[] {1, 4, 7}) {
      run(tiles, element, draw, vectorBytes, depth, 2, false, true, random);
      run(tiles, element, draw, vectorBytes, depth, 2, true, false, random);
    }
  }

  /** Tiles beside each other, which share a, or below each other, which share b. */
  private static void run(
      Tiles tiles,
      Element element,
      Draw draw,
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
      MemorySegment a = random(arena, height * ROW, draw, random);
      MemorySegment b = random(arena, (beside ? count : 1) * panel, draw, random);
      for (int i = 0; i < (beside ? count : 1); i++) {
        for (int j = 0; j < columns; j++) {
          b.setAtIndex(ValueLayout.JAVA_FLOAT, i * panel + j, number(random));
        }
      }
      MemorySegment plus = random(arena, height * stride, NUMBERS, random);
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
              float right = at(b, from + (k + 1) * columns);
              sum = multiplyAdd(element, at(a, i * ROW + k), right, sum);
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

  private static float number(SplittableRandom random) {
    return (float) random.nextDouble(-1, 1);
  }

  /** A word of two numbers, cut to BF16. */
  private static float pair(float lower, float upper) {
    int bits = Float.floatToRawIntBits(lower) >>> 16;
    return Float.intBitsToFloat(bits | Float.floatToRawIntBits(upper) & 0xffff0000);
  }

  private static float multiplyAdd(Element element, float a, float b, float sum) {
    return element == Element.F32 ? Math.fma(a, b, sum) : Interpreter.addPair(sum, a, b);
  }

  private static MemorySegment random(Arena arena, int n, Draw draw, SplittableRandom random) {
    MemorySegment memory = arena.allocate(ValueLayout.JAVA_FLOAT, n);
    for (int i = 0; i < n; i++) {
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, draw.next(random));
    }
    return memory;
  }

  private static float at(MemorySegment memory, long index) {
    return memory.getAtIndex(ValueLayout.JAVA_FLOAT, index);
  }

  @Test
  void otherWidthsDoNotRun() {
    assertFalse(TileCode.runs(Element.F32, 16));
    assertFalse(TileCode.runs(Element.BF16_PAIR, 32));
  }

  /** As on a system that lets no memory be executable: the kernels then go without. */
  @Test
  void refusedMemoryIsSaidSo() {
    assumeTrue(MachineCode.known(), "no Linux on x86-64");
    assertThrows(
        UnsupportedOperationException.class,
        () -> MachineCode.function(new byte[0], FunctionDescriptor.ofVoid()));
  }
}
