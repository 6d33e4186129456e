package dev.tenzing.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Precision;
import dev.tenzing.engine.kernel.AttentionKernels;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.RawMemory;
import dev.tenzing.engine.reference.ReferenceBackend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention in BF16 against the reference on the same, rounded, inputs. */
@Tag("cuda")
class AttentionBf16Test {
  /** Half a unit in the last of BF16's 8 bits. */
  private static final double ROUNDING = 0x1p-9;

  /** What no kernel may write over: the bits of a NaN. */
  private static final short GUARD = (short) 0xffe1;

  private static final int GUARDS = 64;

  private static CudaBackend gpu;
  private static AttentionKernels attention;
  private static Backend reference;

  @BeforeAll
  static void start() {
    assumeTrue(StandIns.problem().isEmpty(), StandIns::problem);
    gpu = StandIns.backend(Precision.FP32);
    attention = gpu.kernels().attention();
    reference = new ReferenceBackend();
  }

  @AfterAll
  static void stop() {
    if (gpu != null) {
      gpu.close();
      reference.close();
    }
  }

  /** {@code spread} multiplies q: with 1 all keys count, with 20 the largest logits move often. */
  private record Shape(int B, int N, int H, int D, float scale, float spread, int seed) {
    static Shape of(int B, int N, int H, int D, float spread, int seed) {
      return new Shape(B, N, H, D, (float) (1 / Math.sqrt(D)), spread, seed);
    }

    int rows() {
      return B * N * H;
    }

    float[] normal(int parts, int salt) {
      Random random = new Random(31L * seed + salt);
      float[] x = new float[rows() * parts * D];
      for (int i = 0; i < x.length; i++) {
        boolean query = parts == 3 && i / (H * D) % 3 == 0;
        x[i] = value(bits((float) random.nextGaussian() * (query ? spread : 1)));
      }
      return x;
    }
  }

  private record Result(float[] out, float[] lse, float[] dqkv) {}

  @ParameterizedTest
  @CsvSource({
    // One token; one warp; several warps and blocks; sizes between the compiled ones.
    "1, 1, 1, 1",
    "2, 1, 2, 64",
    "1, 7, 3, 40",
    "2, 31, 2, 16",
    "1, 33, 2, 17",
    "1, 45, 1, 64",
    "1, 77, 2, 88",
    "1, 64, 1, 80",
    "1, 97, 1, 96",
    "1, 40, 1, 113",
    "1, 156, 1, 64",
    "1, 170, 1, 40",
    "1, 139, 1, 88",
    "1, 150, 1, 128"
  })
  void followsTheReference(int B, int N, int H, int D) {
    check(Shape.of(B, N, H, D, 1, 1));
    check(Shape.of(B, N, H, D, 20, 2));
  }

  @Test
  void headsWiderThanTheTensorCoreKernelsTake() {
    check(Shape.of(1, 67, 2, 131, 1, 3));
    check(Shape.of(2, 5, 1, 260, 1, 3));
  }

  @Test
  void scaleMayBeNegativeOrZero() {
    check(new Shape(1, 37, 1, 24, -0.2f, 1, 4));
    check(new Shape(1, 37, 1, 24, 0, 1, 4));
  }

  @ParameterizedTest
  @CsvSource({"1, 45, 2, 64", "1, 39, 2, 88", "1, 70, 1, 16"})
  void bitsDependNeitherOnTheRunNorOnAlignment(int B, int N, int H, int D) {
    Shape shape = Shape.of(B, N, H, D, 4, 5);
    Result first = run(shape, 0);
    for (int offset : new int[] {0, 1, 2}) {
      Result again = run(shape, offset);
      assertArrayEquals(first.out, again.out);
      assertArrayEquals(first.lse, again.lse);
      assertArrayEquals(first.dqkv, again.dqkv);
    }
  }

  private static void check(Shape s) {
    Result actual = run(s, 0);
    float[] lse = new float[s.B * s.H * s.N];
    float[] out = new float[s.rows() * s.D];
    float[] dqkv = new float[s.rows() * 3 * s.D];
    Kernels kernels = reference.kernels();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment qkv = floats(arena, s.normal(3, 0));
      MemorySegment dout = floats(arena, s.normal(1, 1));
      MemorySegment to = floats(arena, out);
      MemorySegment logs = floats(arena, lse);
      kernels
          .attention()
          .forward(
              new AttentionKernels.Attention(
                  Operand.f32(qkv.address()),
                  Operand.f32(to.address()),
                  Operand.f32(logs.address()),
                  s.B,
                  s.N,
                  s.H,
                  s.D,
                  s.scale));
      MemorySegment.copy(to, ValueLayout.JAVA_FLOAT, 0, out, 0, out.length);
      MemorySegment.copy(logs, ValueLayout.JAVA_FLOAT, 0, lse, 0, lse.length);
      // The gradient is that of the rounded output.
      MemorySegment rounded = floats(arena, actual.out);
      MemorySegment gradient = floats(arena, dqkv);
      kernels
          .attention()
          .backward(
              new AttentionKernels.AttentionBackward(
                  Operand.f32(qkv.address()),
                  Operand.f32(rounded.address()),
                  Operand.f32(dout.address()),
                  Operand.f32(logs.address()),
                  Operand.f32(gradient.address()),
                  s.B,
                  s.N,
                  s.H,
                  s.D,
                  s.scale));
      MemorySegment.copy(gradient, ValueLayout.JAVA_FLOAT, 0, dqkv, 0, dqkv.length);
    }
    // A result is rounded once, and so was one factor of each term of its sum.
    close(out, actual.out, 3 * ROUNDING, 1.5 * ROUNDING, "out of " + s);
    close(dqkv, actual.dqkv, 3 * ROUNDING, 1.5 * ROUNDING, "dqkv of " + s);
    // Sums of D products in F32 without other rounding.
    close(lse, actual.lse, 1e-6, 1e-6, "lse of " + s);
  }

  /**
   * Compares.
   *
   * @param most how far elements may be off, as a fraction of the largest
   * @param usual how far they may be off in the root of the mean of squares
   */
  private static void close(
      float[] expected, float[] actual, double most, double usual, String what) {
    double largest = 0;
    double squares = 0;
    double errors = 0;
    for (float e : expected) {
      largest = Math.max(largest, Math.abs(e));
    }
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs((double) expected[i] - actual[i]);
      assertTrue(
          error <= most * largest,
          what + " at " + i + ": " + actual[i] + " instead of " + expected[i]);
      errors += error * error;
      squares += (double) expected[i] * expected[i];
    }
    assertTrue(
        errors <= usual * usual * squares, what + ": " + Math.sqrt(errors / squares) + " off");
  }

  /** Forward and backward with all BF16 tensors {@code offset} elements off their alignment. */
  private static Result run(Shape s, int offset) {
    float[] qkv = s.normal(3, 0);
    float[] dout = s.normal(1, 1);
    RawMemory memory = gpu.memory();
    long lseBytes = 4L * s.B * s.H * s.N;
    long qkvAt = upload(qkv, offset);
    long doutAt = upload(dout, offset);
    long outAt = upload(new float[dout.length], offset);
    long dqkvAt = upload(new float[qkv.length], offset);
    long lseAt = memory.allocate(lseBytes);
    int from = 2 * offset;
    attention.forward(
        new AttentionKernels.Attention(
            new Operand(qkvAt + from, DType.BF16),
            new Operand(outAt + from, DType.BF16),
            Operand.f32(lseAt),
            s.B,
            s.N,
            s.H,
            s.D,
            s.scale));
    attention.backward(
        new AttentionKernels.AttentionBackward(
            new Operand(qkvAt + from, DType.BF16),
            new Operand(outAt + from, DType.BF16),
            new Operand(doutAt + from, DType.BF16),
            Operand.f32(lseAt),
            new Operand(dqkvAt + from, DType.BF16),
            s.B,
            s.N,
            s.H,
            s.D,
            s.scale));
    float[] lse = new float[s.B * s.H * s.N];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(lseBytes, 4);
      memory.copyOut(lseAt, host);
      MemorySegment.copy(host, ValueLayout.JAVA_FLOAT, 0, lse, 0, lse.length);
    }
    memory.free(lseAt, lseBytes);
    Result result =
        new Result(download(outAt, dout.length, offset), lse, download(dqkvAt, qkv.length, offset));
    download(qkvAt, qkv.length, offset);
    download(doutAt, dout.length, offset);
    return result;
  }

  private static MemorySegment floats(Arena arena, float[] x) {
    MemorySegment segment = arena.allocate(4L * x.length, 16);
    MemorySegment.copy(x, 0, segment, ValueLayout.JAVA_FLOAT, 0, x.length);
    return segment;
  }

  private static long upload(float[] x, int offset) {
    short[] bits = new short[x.length + GUARDS];
    Arrays.fill(bits, GUARD);
    for (int i = 0; i < x.length; i++) {
      bits[offset + i] = bits(x[i]);
    }
    long address = gpu.memory().allocate(2L * bits.length);
    gpu.memory().copyIn(MemorySegment.ofArray(bits), address);
    return address;
  }

  /** Reads a tensor, sees that nothing around it was written, and frees it. */
  private static float[] download(long address, int size, int offset) {
    short[] bits = new short[size + GUARDS];
    gpu.memory().copyOut(address, MemorySegment.ofArray(bits));
    gpu.memory().free(address, 2L * bits.length);
    float[] x = new float[size];
    for (int i = 0; i < bits.length; i++) {
      if (i >= offset && i < offset + size) {
        x[i - offset] = value(bits[i]);
      } else {
        assertEquals(GUARD, bits[i], "written outside, at " + (i - offset) + " of " + size);
      }
    }
    return x;
  }

  private static float value(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  private static short bits(float x) {
    int bits = Float.floatToRawIntBits(x);
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }
}
