package dev.tenzing.engine.cpu.gemm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Precision;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.LinearKernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.reference.ReferenceBackend;
import dev.tenzing.engine.reference.ScalarMath;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * {@link Gemm} against a float64 triple loop of its factors, as they are or rounded to BF16, and
 * its promises of equal bits.
 */
@Tag("kernels")
class GemmTest {
  private static final int[] ODD = {1, 3, 7, 13, 16, 17};

  // Several blocks of K, several strips of rows, and packed operands too large for one round.
  private static final int[][] LARGE = {
    {156, 156, 156},
    {156, 17, 3},
    {7, 156, 1},
    {13, 16, 156},
    {470, 156, 470},
    {156, 470, 800},
    {470, 470, 17},
    {3, 1100, 2000},
    {2000, 3, 1100}
  };

  private static final WorkerPool ONE = new WorkerPool(1);
  private static final WorkerPool TWO = new WorkerPool(2);
  private static final WorkerPool THREE = new WorkerPool(3);

  // What a kernel must leave alone around its output.
  private static final float GUARD = -12345f;

  private final Arena arena = Arena.ofConfined();

  @AfterEach
  void free() {
    arena.close();
  }

  @AfterAll
  static void stop() {
    ONE.close();
    TWO.close();
    THREE.close();
  }

  private record Shape(int m, int n, int k) {}

  /** Packings of operands; words also where the processor has no instruction for them. */
  private enum Packed {
    F32(new F32Packing()),
    ROUNDED(new RoundedPacking()),
    WORDS(MachineKernels.BF16 ? Packing.of(Precision.BF16) : new Bf16Packing(WordTiles::run));

    private final Packing packing;

    Packed(Packing packing) {
      this.packing = packing;
    }

    Gemm gemm(WorkerPool pool) {
      return new Gemm(pool, packing);
    }

    /** What is multiplied. */
    float[] factors(float[] values) {
      float[] factors = values.clone();
      for (int i = 0; i < factors.length && this != F32; i++) {
        factors[i] = ScalarMath.bf16(factors[i]);
      }
      return factors;
    }
  }

  static List<Shape> shapes() {
    List<Shape> shapes = new ArrayList<>();
    for (int m : ODD) {
      for (int n : ODD) {
        for (int k : ODD) {
          shapes.add(new Shape(m, n, k));
        }
      }
    }
    for (int[] s : LARGE) {
      shapes.add(new Shape(s[0], s[1], s[2]));
    }
    return shapes;
  }

  @ParameterizedTest
  @EnumSource
  void linearEqualsTheTripleLoop(Packed packed) {
    for (Shape s : shapes()) {
      for (boolean extras : new boolean[] {false, true}) {
        float[] x = random(1, s.m * s.k);
        float[] w = random(2, s.n * s.k);
        float[] bias = extras ? random(3, s.n) : null;
        float[] residual = extras ? random(4, s.m * s.n) : null;
        double[] expected = product(packed, s.m, s.n, s.k, x, s.k, 1, w, 1, s.k, bias, residual);
        float[] y = linear(packed, ONE, s, x, w, bias, residual);
        assertClose("linear " + s, expected, y, s.k);
        assertArrayEquals(y, linear(packed, TWO, s, x, w, bias, residual), "2 threads, " + s);
        assertArrayEquals(y, linear(packed, THREE, s, x, w, bias, residual), "3 threads, " + s);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void linearMayWriteOverItsResidual(Packed packed) {
    Shape s = new Shape(29, 71, 800);
    float[] x = random(1, s.m * s.k);
    float[] w = random(2, s.n * s.k);
    float[] residual = random(3, s.m * s.n);
    long y = put(residual);
    packed
        .gemm(TWO)
        .forward(
            new LinearKernels.Linear(
                Operand.f32(put(x)),
                Operand.f32(put(w)),
                Operand.NONE,
                Operand.f32(y),
                Operand.f32(y),
                s.m,
                s.n,
                s.k));
    assertArrayEquals(linear(packed, ONE, s, x, w, null, residual), take(y, s.m * s.n));
  }

  @ParameterizedTest
  @EnumSource
  void linearGeluEqualsTheTripleLoop(Packed packed) {
    for (Shape s : shapes()) {
      float[] x = random(1, s.m * s.k);
      float[] w = random(2, s.n * s.k);
      float[] bias = random(3, s.n);
      double[] expected = product(packed, s.m, s.n, s.k, x, s.k, 1, w, 1, s.k, bias, null);
      double[] activated = Arrays.stream(expected).map(ScalarMath::gelu).toArray();
      long pre = room(s.m * s.n);
      long y = room(s.m * s.n);
      packed
          .gemm(ONE)
          .gelu(
              new LinearKernels.LinearGelu(
                  Operand.f32(put(x)),
                  Operand.f32(put(w)),
                  Operand.f32(put(bias)),
                  Operand.f32(pre),
                  Operand.f32(y),
                  s.m,
                  s.n,
                  s.k));
      float[] kept = take(y, s.m * s.n);
      assertClose("pre " + s, expected, take(pre, s.m * s.n), s.k);
      assertClose("gelu " + s, activated, kept, s.k);
      long alone = room(s.m * s.n);
      packed
          .gemm(THREE)
          .gelu(
              new LinearKernels.LinearGelu(
                  Operand.f32(put(x)),
                  Operand.f32(put(w)),
                  Operand.f32(put(bias)),
                  Operand.NONE,
                  Operand.f32(alone),
                  s.m,
                  s.n,
                  s.k));
      assertArrayEquals(kept, take(alone, s.m * s.n), "without pre, 3 threads, " + s);
    }
  }

  @ParameterizedTest
  @EnumSource
  void linearBackwardInputEqualsTheTripleLoop(Packed packed) {
    for (Shape s : shapes()) {
      for (boolean accumulate : new boolean[] {false, true}) {
        float[] dy = random(1, s.m * s.n);
        float[] w = random(2, s.n * s.k);
        float[] before = random(3, s.m * s.k);
        double[] expected =
            product(packed, s.m, s.k, s.n, dy, s.n, 1, w, s.k, 1, null, accumulate ? before : null);
        float[] first = null;
        for (WorkerPool pool : List.of(ONE, TWO, THREE)) {
          long dx = put(before);
          packed
              .gemm(pool)
              .backwardInput(
                  new LinearKernels.LinearBackwardInput(
                      Operand.f32(put(dy)),
                      Operand.f32(put(w)),
                      Operand.f32(dx).accumulating(accumulate),
                      s.m,
                      s.n,
                      s.k));
          float[] result = take(dx, s.m * s.k);
          if (first == null) {
            assertClose("dx " + s, expected, result, s.n);
            first = result;
          }
          assertArrayEquals(first, result, pool.workers() + " threads, " + s);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void linearBackwardWeightEqualsTheTripleLoop(Packed packed) {
    for (Shape s : shapes()) {
      for (boolean accumulate : new boolean[] {false, true}) {
        float[] dy = random(1, s.m * s.n);
        float[] x = random(2, s.m * s.k);
        float[] dwBefore = random(3, s.n * s.k);
        float[] dbiasBefore = random(4, s.n);
        float[] ones = new float[s.m];
        Arrays.fill(ones, 1);
        double[] dwExpected =
            product(
                packed, s.n, s.k, s.m, dy, 1, s.n, x, s.k, 1, null, accumulate ? dwBefore : null);
        double[] dbiasExpected =
            product(
                Packed.F32,
                1,
                s.n,
                s.m,
                ones,
                0,
                1,
                dy,
                s.n,
                1,
                null,
                accumulate ? dbiasBefore : null);
        float[] firstDw = null;
        float[] firstDbias = null;
        for (WorkerPool pool : List.of(ONE, TWO, THREE)) {
          long dw = put(dwBefore);
          long dbias = put(dbiasBefore);
          Gemm gemm = packed.gemm(pool);
          gemm.backwardWeight(
              new LinearKernels.LinearBackwardWeight(
                  Operand.f32(put(dy)),
                  Operand.f32(put(x)),
                  Operand.f32(dw).accumulating(accumulate),
                  Operand.f32(dbias).accumulating(accumulate),
                  s.m,
                  s.n,
                  s.k));
          float[] dwResult = take(dw, s.n * s.k);
          float[] dbiasResult = take(dbias, s.n);
          if (firstDw == null) {
            assertClose("dw " + s, dwExpected, dwResult, s.m);
            assertClose("dbias " + s, dbiasExpected, dbiasResult, s.m);
            firstDw = dwResult;
            firstDbias = dbiasResult;
          }
          assertArrayEquals(firstDw, dwResult, pool.workers() + " threads, " + s);
          assertArrayEquals(firstDbias, dbiasResult, pool.workers() + " threads, " + s);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void linearBackwardWeightWithoutBiasGivesTheSameWeights(Packed packed) {
    Shape s = new Shape(50, 37, 41);
    long dy = put(random(1, s.m * s.n));
    long x = put(random(2, s.m * s.k));
    long with = room(s.n * s.k);
    long without = room(s.n * s.k);
    Gemm gemm = packed.gemm(TWO);
    gemm.backwardWeight(
        new LinearKernels.LinearBackwardWeight(
            Operand.f32(dy),
            Operand.f32(x),
            Operand.f32(with),
            Operand.f32(room(s.n)),
            s.m,
            s.n,
            s.k));
    gemm.backwardWeight(
        new LinearKernels.LinearBackwardWeight(
            Operand.f32(dy), Operand.f32(x), Operand.f32(without), Operand.NONE, s.m, s.n, s.k));
    assertArrayEquals(take(with, s.n * s.k), take(without, s.n * s.k));
  }

  @Test
  void theReferenceRoundsToo() {
    Shape s = new Shape(7, 13, 17);
    float[] x = random(1, s.m * s.k);
    float[] w = random(2, s.n * s.k);
    float[] dy = random(3, s.m * s.n);
    LinearKernels reference = new ReferenceBackend(Precision.BF16).kernels().linear();
    long y = room(s.m * s.n);
    reference.forward(
        new LinearKernels.Linear(
            Operand.f32(put(x)),
            Operand.f32(put(w)),
            Operand.NONE,
            Operand.NONE,
            Operand.f32(y),
            s.m,
            s.n,
            s.k));
    double[] expected = product(Packed.ROUNDED, s.m, s.n, s.k, x, s.k, 1, w, 1, s.k, null, null);
    assertClose("y", expected, take(y, s.m * s.n), s.k);
    long dx = room(s.m * s.k);
    reference.backwardInput(
        new LinearKernels.LinearBackwardInput(
            Operand.f32(put(dy)), Operand.f32(put(w)), Operand.f32(dx), s.m, s.n, s.k));
    expected = product(Packed.ROUNDED, s.m, s.k, s.n, dy, s.n, 1, w, s.k, 1, null, null);
    assertClose("dx", expected, take(dx, s.m * s.k), s.n);
    long dw = room(s.n * s.k);
    reference.backwardWeight(
        new LinearKernels.LinearBackwardWeight(
            Operand.f32(put(dy)),
            Operand.f32(put(x)),
            Operand.f32(dw),
            Operand.NONE,
            s.m,
            s.n,
            s.k));
    expected = product(Packed.ROUNDED, s.n, s.k, s.m, dy, 1, s.n, x, s.k, 1, null, null);
    assertClose("dw", expected, take(dw, s.n * s.k), s.m);
  }

  @ParameterizedTest
  @EnumSource
  void rowsComputedAloneHaveTheSameBits(Packed packed) {
    rowsComputedAloneHaveTheSameBits(packed, 0, 1);
    rowsComputedAloneHaveTheSameBits(packed, 5, 8);
    rowsComputedAloneHaveTheSameBits(packed, 96, 160);
    rowsComputedAloneHaveTheSameBits(packed, 199, 200);
  }

  private void rowsComputedAloneHaveTheSameBits(Packed packed, int first, int end) {
    Shape all = new Shape(200, 75, 900);
    Shape some = new Shape(end - first, all.n, all.k);
    float[] x = random(1, all.m * all.k);
    float[] w = random(2, all.n * all.k);
    float[] bias = random(3, all.n);
    float[] whole = linear(packed, TWO, all, x, w, bias, null);
    float[] part =
        linear(packed, TWO, some, Arrays.copyOfRange(x, first * all.k, x.length), w, bias, null);
    assertArrayEquals(Arrays.copyOfRange(whole, first * all.n, end * all.n), part, "rows " + some);
  }

  private float[] linear(
      Packed packed,
      WorkerPool pool,
      Shape s,
      float[] x,
      float[] w,
      float[] bias,
      float[] residual) {
    long y = room(s.m * s.n);
    Operand biasAt = bias == null ? Operand.NONE : Operand.f32(put(bias));
    Operand residualAt = residual == null ? Operand.NONE : Operand.f32(put(residual));
    packed
        .gemm(pool)
        .forward(
            new LinearKernels.Linear(
                Operand.f32(put(x)),
                Operand.f32(put(w)),
                biasAt,
                residualAt,
                Operand.f32(y),
                s.m,
                s.n,
                s.k));
    return take(y, s.m * s.n);
  }

  /** a has strides (am, ak), b has strides (bk, bn). */
  private static double[] product(
      Packed packed,
      int m,
      int n,
      int k,
      float[] a,
      int am,
      int ak,
      float[] b,
      int bk,
      int bn,
      float[] bias,
      float[] add) {
    float[] left = packed.factors(a);
    float[] right = packed.factors(b);
    double[] c = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = bias == null ? 0 : bias[j];
        for (int l = 0; l < k; l++) {
          sum += (double) left[i * am + l * ak] * right[l * bk + j * bn];
        }
        c[i * n + j] = sum + (add == null ? 0 : add[i * n + j]);
      }
    }
    return c;
  }

  private static float[] random(long seed, int n) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  /**
   * Relative to the largest value the rounding errors of a sum grow with the root of its length.
   */
  private static void assertClose(String what, double[] expected, float[] actual, int length) {
    double largest = 1;
    for (double value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    double bound = 0x1p-22 * Math.sqrt(length) * largest;
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(expected[i] - actual[i]) <= bound)) {
        assertEquals(expected[i], actual[i], bound, what + " at " + i);
      }
    }
  }

  private long put(float[] values) {
    long address = room(values.length);
    MemorySegment.copy(values, 0, Native.ALL, ValueLayout.JAVA_FLOAT, address, values.length);
    return address;
  }

  /** Room for n values between guards, at an address that is a multiple of 4 only. */
  private long room(int n) {
    long address = arena.allocate((n + 2) * 4L, 64).address();
    Native.f32(address, GUARD);
    Native.f32(address + (n + 1) * 4L, GUARD);
    return address + 4;
  }

  private static float[] take(long address, int n) {
    assertTrue(
        Native.f32(address - 4) == GUARD && Native.f32(address + n * 4L) == GUARD,
        "wrote outside its output");
    float[] values = new float[n];
    MemorySegment.copy(Native.ALL, ValueLayout.JAVA_FLOAT, address, values, 0, n);
    return values;
  }
}
