package dev.tenzing.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tenzing.engine.Precision;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.kernel.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Runs a kernel on guarded native arrays, on 1, 2 and 3 threads, and compares what it wrote. */
final class KernelRig {
  /** Error of a few roundings, as a fraction of the largest value. */
  static final double TIGHT = 3e-7;

  /** Error of a sum over a row or over many rows, as a fraction of the largest value. */
  static final double SUM = 1e-6;

  private static final int GUARD = 32;
  private static final float UNTOUCHED = -12345.678f;

  private final Kernels kernels;
  private final Arena arena;
  private final List<MemorySegment> arrays = new ArrayList<>();
  private final List<Integer> outputs = new ArrayList<>();

  private KernelRig(Kernels kernels, Arena arena) {
    this.kernels = kernels;
    this.arena = arena;
  }

  /** Calls kernels on arrays that it takes from the rig. */
  @FunctionalInterface
  interface Call {
    void run(Kernels kernels, KernelRig rig);
  }

  /** The outputs of the call, which are the same bits on every number of threads. */
  static float[][] run(Call call) {
    float[][] first = null;
    for (int threads = 1; threads <= 3; threads++) {
      try (WorkerPool pool = new WorkerPool(threads);
          Arena arena = Arena.ofShared()) {
        KernelRig rig = new KernelRig(CpuBackend.kernels(pool, Precision.FP32), arena);
        call.run(rig.kernels, rig);
        float[][] results = rig.results();
        if (first == null) {
          first = results;
        }
        for (int i = 0; i < results.length; i++) {
          assertArrayEquals(bits(first[i]), bits(results[i]), "output " + i + ", " + threads);
        }
      }
    }
    return first;
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }

  /** An array that a kernel reads. */
  long in(float[] values) {
    MemorySegment array = arena.allocate(4L * (values.length + 2 * GUARD), 64);
    for (long i = 0; i < array.byteSize() / 4; i++) {
      array.setAtIndex(ValueLayout.JAVA_FLOAT, i, UNTOUCHED);
    }
    MemorySegment.copy(values, 0, array, ValueLayout.JAVA_FLOAT, 4L * GUARD, values.length);
    arrays.add(array);
    return array.address() + 4L * GUARD;
  }

  /** An array of integers that a kernel reads. */
  long in(int[] values) {
    float[] bits = new float[values.length];
    MemorySegment.ofArray(bits).copyFrom(MemorySegment.ofArray(values));
    return in(bits);
  }

  /** Bytes that a kernel reads. */
  long in(byte[] values) {
    float[] bits = new float[(values.length + 3) / 4];
    MemorySegment.ofArray(bits).copyFrom(MemorySegment.ofArray(values));
    return in(bits);
  }

  /** An array that a kernel changes and whose contents are a result. */
  long inOut(float[] values) {
    outputs.add(arrays.size());
    return in(values);
  }

  /** An array of n elements that a kernel fills and whose contents are a result. */
  long out(int n) {
    float[] garbage = new float[n];
    Arrays.fill(garbage, Float.NaN);
    return inOut(garbage);
  }

  private float[][] results() {
    for (MemorySegment array : arrays) {
      long n = array.byteSize() / 4;
      for (long i = 0; i < GUARD; i++) {
        assertEquals(UNTOUCHED, array.getAtIndex(ValueLayout.JAVA_FLOAT, i), "before the array");
        assertEquals(
            UNTOUCHED, array.getAtIndex(ValueLayout.JAVA_FLOAT, n - 1 - i), "after the array");
      }
    }
    float[][] results = new float[outputs.size()][];
    for (int i = 0; i < results.length; i++) {
      MemorySegment array = arrays.get(outputs.get(i));
      float[] all = array.toArray(ValueLayout.JAVA_FLOAT);
      results[i] = Arrays.copyOfRange(all, GUARD, all.length - GUARD);
    }
    return results;
  }

  /** Normal numbers. */
  static float[] normal(long seed, int n) {
    Random random = new Random(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Integers from 0 to bound - 1. */
  static int[] indices(long seed, int n, int bound) {
    return new Random(seed).ints(n, 0, bound).toArray();
  }

  static int[] asInts(float[] bits) {
    return bits(bits);
  }

  /** Asserts that the largest error is within a fraction of the largest expected value. */
  static void assertClose(double[] expected, float[] actual, double tolerance, String what) {
    assertEquals(expected.length, actual.length, what);
    double largest = 0;
    for (double e : expected) {
      largest = Math.max(largest, Math.abs(e));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], tolerance * largest + 1e-30, what + " at " + i);
    }
  }
}
