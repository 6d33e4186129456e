package dev.tenzing.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.RawMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Arrays for kernels on one of two sides that are compared: the reference, where activations are
 * F32 numbers that BF16 holds, or the GPU, where they have their type and all arrays begin {@code
 * offset} elements off their alignment. Whoever writes outside an output is found out.
 */
final class Side {
  private static final int GUARDS = 32;
  private static final byte GUARD = (byte) 0xe1;

  private final Kernels kernels;
  private final boolean onGpu;
  private final RawMemory memory;
  private final DType activations;
  private final int offset;
  private final List<Output> outputs = new ArrayList<>();
  private final List<long[]> blocks = new ArrayList<>();

  private record Output(long block, DType type, int n) {}

  /** A kernel's calls, the same on both sides. */
  @FunctionalInterface
  interface Calls {
    void run(Side side);
  }

  private Side(Backend backend, boolean onGpu, DType activations, int offset) {
    this.kernels = backend.kernels();
    this.memory = backend.memory();
    this.onGpu = onGpu;
    this.activations = activations;
    this.offset = offset;
  }

  Kernels kernels() {
    return kernels;
  }

  boolean onGpu() {
    return onGpu;
  }

  /**
   * Runs calls on the reference and, three times, on the GPU, and compares all outputs; on the GPU
   * their bits depend neither on the run nor on alignment.
   *
   * @param tolerance how far an F32 result may be off, as a fraction of the largest
   */
  static void compare(
      Backend reference, Backend gpu, DType activations, double tolerance, Calls calls) {
    Side expected = new Side(reference, false, activations, 0);
    float[][] e = expected.run(calls);
    float[][] first = null;
    for (int offset : new int[] {0, 0, 1}) {
      Side side = new Side(gpu, true, activations, offset);
      float[][] actual = side.run(calls);
      for (int i = 0; i < actual.length; i++) {
        String what = "output " + i + ", " + offset + " off";
        check(e[i], actual[i], side.outputs.get(i).type, tolerance, what);
        if (first != null) {
          assertArrayEquals(bits(first[i]), bits(actual[i]), what);
        }
      }
      first = actual;
    }
  }

  private float[][] run(Calls calls) {
    calls.run(this);
    float[][] results = new float[outputs.size()][];
    for (int i = 0; i < results.length; i++) {
      results[i] = read(outputs.get(i));
    }
    blocks.forEach(block -> memory.free(block[0], block[1]));
    return results;
  }

  private static void check(
      float[] expected, float[] actual, DType type, double tolerance, String what) {
    double largest = 0;
    for (float e : expected) {
      largest = Double.isFinite(e) ? Math.max(largest, Math.abs(e)) : largest;
    }
    for (int i = 0; i < expected.length; i++) {
      float e = expected[i];
      float a = actual[i];
      // BF16 has 8 bits: half a unit in the last, of a result that is itself a little off.
      double allowed =
          tolerance * largest + (type == DType.BF16 ? 0x1.01p-8 * Math.abs(e) : 0) + 1e-30;
      boolean close = Float.compare(e, a) == 0 || Math.abs((double) e - a) <= allowed;
      assertTrue(close, what + " at " + i + ": " + a + " instead of " + e);
    }
  }

  private static int[] bits(float[] x) {
    int[] bits = new int[x.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(x[i]));
    return bits;
  }

  /** Normal numbers that F32 and BF16 hold. */
  static float[] normal(long seed, long n) {
    Random random = new Random(seed);
    float[] x = new float[Math.toIntExact(n)];
    for (int i = 0; i < x.length; i++) {
      x[i] = round((float) random.nextGaussian());
    }
    return x;
  }

  /** An F32 input. */
  Operand floats(float[] x) {
    return new Operand(place(DType.F32, x, x.length), DType.F32);
  }

  /** An input with the type of activations. */
  Operand activations(float[] x) {
    DType type = onGpu ? activations : DType.F32;
    return new Operand(place(type, x, x.length), type);
  }

  /** An I32 input. */
  Operand ints(int[] x) {
    float[] same = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      same[i] = Float.intBitsToFloat(x[i]);
    }
    return Operand.i32(floats(same).address());
  }

  /** An F32 output that is undefined at first. */
  Operand floatsOut(int n) {
    return output(DType.F32, null, n);
  }

  /** An F32 output that begins with x. */
  Operand floatsOut(float[] x) {
    return output(DType.F32, x, x.length);
  }

  /** An output with the type of activations that is undefined at first. */
  Operand activationsOut(int n) {
    return output(activations, null, n);
  }

  /** An output with the type of activations that begins with x. */
  Operand activationsOut(float[] x) {
    return output(activations, x, x.length);
  }

  private Operand output(DType type, float[] x, int n) {
    DType stored = onGpu ? type : DType.F32;
    long address = place(stored, x, n);
    outputs.add(new Output(address - (long) (GUARDS + offset) * stored.bytes(), type, n));
    return new Operand(address, stored);
  }

  /** Copies to new memory between guards; without numbers there are guards everywhere. */
  private long place(DType type, float[] x, int n) {
    byte[] bytes = new byte[(n + 2 * GUARDS) * type.bytes()];
    Arrays.fill(bytes, GUARD);
    int begin = GUARDS + offset;
    for (int i = 0; x != null && i < n; i++) {
      int bits = Float.floatToRawIntBits(x[i]);
      int shift = type == DType.BF16 ? 16 : 0;
      for (int b = 0; b < type.bytes(); b++) {
        bytes[(begin + i) * type.bytes() + b] = (byte) (bits >>> shift + 8 * b);
      }
    }
    long address = memory.allocate(bytes.length);
    memory.copyIn(MemorySegment.ofArray(bytes), address);
    blocks.add(new long[] {address, bytes.length});
    return address + (long) begin * type.bytes();
  }

  private float[] read(Output output) {
    int size = onGpu ? output.type.bytes() : 4;
    byte[] bytes = new byte[(output.n + 2 * GUARDS) * size];
    memory.copyOut(output.block, MemorySegment.ofArray(bytes));
    int begin = (GUARDS + offset) * size;
    float[] x = new float[output.n];
    for (int i = 0; i < bytes.length; i++) {
      int at = i - begin;
      if (at >= 0 && at < output.n * size) {
        int shift = 8 * (at % size) + 32 - 8 * size;
        int bits = Float.floatToRawIntBits(x[at / size]) | (bytes[i] & 0xff) << shift;
        x[at / size] = Float.intBitsToFloat(bits);
      } else {
        assertEquals(GUARD, bytes[i], "written outside, at byte " + at);
      }
    }
    return x;
  }

  /** The nearest number that BF16 holds. */
  static float round(float x) {
    int bits = Float.floatToRawIntBits(x);
    return Float.intBitsToFloat(bits + 0x7fff + (bits >>> 16 & 1) & 0xffff0000);
  }
}
