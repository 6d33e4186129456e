package dev.tenzing.engine.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.reference.ScalarMath;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@link Bf16} and {@link ScalarMath#bf16} against the nearest of the two neighbours. */
@Tag("kernels")
class Bf16Test {
  private static final int[] SPECIAL = {
    0, 0x80000000, 0x00000001, 0x007fffff, 0x00008000, 0x00018000, 0x3f800000, 0x3f808000,
    0x3f808001, 0x3f818000, 0x3f817fff, 0x7f7fffff, 0x7f7f7fff, 0xff7f8000, 0x7f800000, 0xff800000,
    0x7f800001, 0x7fffffff, 0xffffffff, 0xffc00000, 0x7fc08000
  };

  /** By arithmetic on doubles, which knows nothing of bits. */
  private static float nearest(float v) {
    if (Float.isNaN(v) || Float.isInfinite(v) || v == 0) {
      return v;
    }
    double unit = Math.max(Math.scalb(1.0, Math.getExponent(v) - 7), 0x1p-133);
    return (float) beyond(Math.rint(v / unit) * unit);
  }

  private static double beyond(double v) {
    return Math.abs(v) >= 0x1p128 ? Math.copySign(Double.POSITIVE_INFINITY, v) : v;
  }

  private static float[] values() {
    SplittableRandom random = new SplittableRandom(3);
    float[] values = new float[SPECIAL.length + 1000];
    for (int i = 0; i < values.length; i++) {
      int bits = i < SPECIAL.length ? SPECIAL[i] : random.nextInt();
      values[i] = Float.intBitsToFloat(bits);
    }
    return values;
  }

  private static void assertRounded(float value, int upperHalf) {
    float rounded = Float.intBitsToFloat(upperHalf << 16);
    assertEquals(
        nearest(value), rounded, () -> Integer.toHexString(Float.floatToRawIntBits(value)));
  }

  @Test
  void roundsANumber() {
    for (float value : values()) {
      int bits = Float.floatToRawIntBits(ScalarMath.bf16(value));
      assertEquals(0, bits & 0xffff);
      assertRounded(value, bits >>> 16);
    }
  }

  @Test
  void roundsRows() {
    float[] values = values();
    try (Arena arena = Arena.ofConfined()) {
      long memory = arena.allocate(4L * (values.length + 64), 64).address();
      for (int i = 0; i < values.length; i++) {
        Native.f32(memory + i * 4L, values[i]);
      }
      Bf16.round(memory, 100, values.length / 100, 100);
      for (int i = 0; i < values.length / 100 * 100; i++) {
        int bits = Native.i32(memory + i * 4L);
        assertEquals(0, bits & 0xffff);
        assertRounded(values[i], bits >>> 16);
      }
    }
  }

  @Test
  void pairsNumbers() {
    for (int columns : new int[] {1, 2, 7, 8, 13, 16, 17, 32, 33, 96}) {
      for (int both = columns - 1; both <= columns; both++) {
        pairs(3, columns, both, false);
        pairs(3, columns, both, true);
      }
    }
  }

  private static void pairs(int rows, int columns, int both, boolean down) {
    float[] values = values();
    int stride = 2 * columns;
    int targetStride = columns + 32;
    try (Arena arena = Arena.ofConfined()) {
      long source = arena.allocate(4L * rows * stride, 4).address();
      long target = arena.allocate(4L * rows * targetStride, 64).address();
      for (int i = 0; i < rows * stride; i++) {
        Native.f32(source + i * 4L, values[i]);
      }
      long upper = source + columns * 4L;
      Bf16.pair(source, upper, stride, target, targetStride, rows, columns, both, down);
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          int word = Native.i32(target + 4L * (r * targetStride + c));
          assertRounded(values[r * stride + c], word & 0xffff);
          assertRounded(c < both ? values[r * stride + columns + c] : 0, word >>> 16);
        }
      }
    }
  }
}
