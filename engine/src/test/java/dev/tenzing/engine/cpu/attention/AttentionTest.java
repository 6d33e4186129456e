package dev.tenzing.engine.cpu.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.AttentionKernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.reference.ReferenceBackend;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link TiledAttention} against its reference, and the reference against finite differences. */
@Tag("kernels")
class AttentionTest {
  private static final WorkerPool ONE = new WorkerPool(1);
  private static final WorkerPool TWO = new WorkerPool(2);
  private static final WorkerPool THREE = new WorkerPool(3);

  // What a kernel must leave alone after its output.
  private static final float GUARD = -12345f;

  @AfterAll
  static void stop() {
    ONE.close();
    TWO.close();
    THREE.close();
  }

  private static final AttentionKernels REFERENCE = new ReferenceBackend().kernels().attention();

  private static AttentionKernels fast(WorkerPool pool) {
    return new TiledAttention(pool);
  }

  private record Shape(int B, int N, int H, int D, float scale) {
    Shape(int B, int N, int H, int D) {
      this(B, N, H, D, (float) (1 / Math.sqrt(D)));
    }
  }

  private record Result(float[] out, float[] lse, float[] dqkv) {}

  private static Result run(AttentionKernels kernel, Shape s, float[] qkv, float[] dout) {
    try (Arena arena = Arena.ofConfined()) {
      int rows = s.B * s.N * s.H;
      long x = copy(arena, qkv);
      long dy = copy(arena, dout);
      long out = guarded(arena, rows * s.D);
      long lse = guarded(arena, rows);
      long dx = guarded(arena, 3 * rows * s.D);
      kernel.forward(
          new AttentionKernels.Attention(
              Operand.f32(x), Operand.f32(out), Operand.f32(lse), s.B, s.N, s.H, s.D, s.scale));
      kernel.backward(
          new AttentionKernels.AttentionBackward(
              Operand.f32(x),
              Operand.f32(out),
              Operand.f32(dy),
              Operand.f32(lse),
              Operand.f32(dx),
              s.B,
              s.N,
              s.H,
              s.D,
              s.scale));
      return new Result(checked(out, rows * s.D), checked(lse, rows), checked(dx, 3 * rows * s.D));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1",
    "2, 1, 3, 64",
    "1, 3, 2, 5",
    "3, 7, 1, 8",
    "2, 13, 2, 14",
    "1, 16, 3, 64",
    "2, 17, 1, 88",
    "1, 17, 2, 1",
    "2, 156, 3, 64",
    "1, 156, 1, 88",
    "3, 156, 3, 10",
    "1, 470, 1, 14",
    "3, 49, 3, 5",
    "1, 401, 1, 32",
    "1, 33, 1, 384"
  })
  void equalsTheReference(int B, int N, int H, int D) {
    Shape s = new Shape(B, N, H, D);
    float[] qkv = random(1, 3 * B * N * H * D, 2);
    float[] dout = random(2, B * N * H * D, 1);
    compare(s, qkv, dout, 4e-6);
  }

  @Test
  void largeLogitsDoNotOverflow() {
    Shape s = new Shape(1, 300, 2, 8, 1);
    float[] qkv = random(3, 3 * s.B * s.N * s.H * s.D, 20);
    // A logit of hundreds carries an error of 1e-5 before the exponential.
    compare(s, qkv, random(4, s.B * s.N * s.H * s.D, 1), 2e-4);
  }

  @Test
  void allLogitsFarBelowZero() {
    Shape s = new Shape(1, 37, 1, 8, 1);
    float[] qkv = random(5, 3 * s.N * s.D, 1);
    for (int n = 0; n < s.N; n++) {
      for (int d = 0; d < s.D; d++) {
        qkv[n * 3 * s.D + d] += 5;
        qkv[n * 3 * s.D + s.D + d] -= 30;
      }
    }
    compare(s, qkv, random(6, s.N * s.D, 1), 2e-4);
  }

  @Test
  void oneDominantKeyGivesItsValue() {
    int N = 270;
    int D = 8;
    Shape s = new Shape(1, N, 1, D, 1);
    float[] qkv = new float[3 * N * D];
    int key = 263;
    for (int n = 0; n < N; n++) {
      qkv[n * 3 * D] = 10;
      qkv[n * 3 * D + D] = n == key ? 10 : 0;
      qkv[n * 3 * D + 2 * D] = n;
    }
    Result r = run(fast(ONE), s, qkv, random(7, N * D, 1));
    for (int n = 0; n < N; n++) {
      assertEquals(key, r.out[n * D]);
      assertEquals(100f, r.lse[n]);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 470, 1, 64", "1, 200, 3, 14", "3, 31, 3, 8", "1, 401, 1, 5"})
  void equalBitsForEveryNumberOfThreads(int B, int N, int H, int D) {
    Shape s = new Shape(B, N, H, D);
    float[] qkv = random(8, 3 * B * N * H * D, 2);
    float[] dout = random(9, B * N * H * D, 1);
    Result one = run(fast(ONE), s, qkv, dout);
    for (WorkerPool pool : new WorkerPool[] {TWO, THREE, ONE}) {
      Result other = run(fast(pool), s, qkv, dout);
      assertArrayEquals(one.out, other.out);
      assertArrayEquals(one.lse, other.lse);
      assertArrayEquals(one.dqkv, other.dqkv);
    }
  }

  @Test
  void notANumberStaysInItsRow() {
    int N = 40;
    int D = 8;
    Shape s = new Shape(1, N, 1, D);
    float[] qkv = random(10, 3 * N * D, 1);
    qkv[5 * 3 * D] = Float.NaN;
    Result r = run(fast(ONE), s, qkv, random(11, N * D, 1));
    for (int n = 0; n < N; n++) {
      assertEquals(n == 5, Float.isNaN(r.out[n * D]), "row " + n);
    }
  }

  @Test
  void aHeadThatIsTooLargeIsNamed() {
    AttentionKernels attention = fast(ONE);
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                attention.forward(
                    new AttentionKernels.Attention(
                        Operand.NONE, Operand.NONE, Operand.NONE, 1, 1, 1, 385, 1)));
    assertTrue(e.getMessage().contains("head size") && e.getMessage().contains("385"));
  }

  /** d(sum of out * dout) of the reference by central differences in a float64 forward. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1, 3", "2, 5, 2, 3", "1, 7, 3, 4"})
  void referenceBackwardEqualsFiniteDifferences(int B, int N, int H, int D) {
    Shape s = new Shape(B, N, H, D);
    float[] qkv = random(12, 3 * B * N * H * D, 1);
    float[] dout = random(13, B * N * H * D, 1);
    Result r = run(REFERENCE, s, qkv, dout);
    double[] x = new double[qkv.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = qkv[i];
    }
    double step = 1e-4;
    for (int i = 0; i < x.length; i++) {
      double at = x[i];
      x[i] = at + step;
      double up = loss(s, x, dout);
      x[i] = at - step;
      double down = loss(s, x, dout);
      x[i] = at;
      assertEquals((up - down) / (2 * step), r.dqkv[i], 2e-6, "element " + i);
    }
  }

  private static double loss(Shape s, double[] x, float[] dout) {
    double loss = 0;
    int C = s.H * s.D;
    for (int b = 0; b < s.B; b++) {
      for (int h = 0; h < s.H; h++) {
        for (int i = 0; i < s.N; i++) {
          double[] p = new double[s.N];
          double sum = 0;
          for (int j = 0; j < s.N; j++) {
            double logit = 0;
            for (int d = 0; d < s.D; d++) {
              int q = (b * s.N + i) * 3 * C + h * s.D + d;
              int k = (b * s.N + j) * 3 * C + C + h * s.D + d;
              logit += x[q] * x[k];
            }
            p[j] = Math.exp(s.scale * logit);
            sum += p[j];
          }
          for (int j = 0; j < s.N; j++) {
            for (int d = 0; d < s.D; d++) {
              double v = x[(b * s.N + j) * 3 * C + 2 * C + h * s.D + d];
              loss += p[j] / sum * v * dout[(b * s.N + i) * C + h * s.D + d];
            }
          }
        }
      }
    }
    return loss;
  }

  /** Errors relative to the largest value of q, k and v's gradients each, out and lse. */
  private static void compare(Shape s, float[] qkv, float[] dout, double tolerance) {
    Result expected = run(REFERENCE, s, qkv, dout);
    Result actual = run(fast(TWO), s, qkv, dout);
    assertClose("out", expected.out, actual.out, tolerance);
    assertClose("lse", expected.lse, actual.lse, tolerance);
    String[] names = {"dq", "dk", "dv"};
    for (int part = 0; part < 3; part++) {
      assertClose(names[part], part(s, expected, part), part(s, actual, part), tolerance);
    }
  }

  private static float[] part(Shape s, Result result, int part) {
    int C = s.H * s.D;
    float[] x = new float[s.B * s.N * C];
    for (int token = 0; token < s.B * s.N; token++) {
      System.arraycopy(result.dqkv, (token * 3 + part) * C, x, token * C, C);
    }
    return x;
  }

  private static void assertClose(String name, float[] expected, float[] actual, double tolerance) {
    double largest = 0.1;
    double error = 0;
    for (int i = 0; i < expected.length; i++) {
      assertTrue(Float.isFinite(actual[i]), name + " is " + actual[i] + " at " + i);
      largest = Math.max(largest, Math.abs(expected[i]));
      error = Math.max(error, Math.abs(expected[i] - actual[i]));
    }
    assertTrue(error <= tolerance * largest, name + ": error " + error + " of " + largest);
  }

  private static float[] random(long seed, int n, float spread) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) (random.nextDouble(-1, 1) * spread);
    }
    return x;
  }

  private static long copy(Arena arena, float[] x) {
    long address = arena.allocate(4L * x.length, 64).address();
    for (int i = 0; i < x.length; i++) {
      Native.f32(address + 4L * i, x[i]);
    }
    return address;
  }

  private static long guarded(Arena arena, int n) {
    float[] x = new float[n + 1];
    Arrays.fill(x, Float.NaN);
    x[n] = GUARD;
    return copy(arena, x);
  }

  private static float[] checked(long address, int n) {
    assertEquals(GUARD, Native.f32(address + 4L * n), "wrote past the end");
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = Native.f32(address + 4L * i);
    }
    return x;
  }
}
