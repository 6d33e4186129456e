package dev.tenzing.engine.cpu;

import java.lang.foreign.Arena;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Speed of {@link Attention} at the shapes of video transformers, forward (counted as 4 N^2 D
 * operations a head) and backward (2.5 times as many). After {@code mvn -pl engine -am
 * test-compile}:
 *
 * <pre>
 * java --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
 *   -cp engine/target/classes:engine/target/test-classes dev.tenzing.engine.cpu.AttentionBenchmark
 * </pre>
 *
 * <p>An argument is the time in milliseconds spent on each figure (300 by default). A figure is the
 * fastest call, because others may use the machine too.
 */
final class AttentionBenchmark {
  // B, N, H, D: the encoder and decoder of pre-training, all tokens of 16 frames, fine-tuning.
  private static final int[][] SHAPES = {
    {4, 156, 6, 64}, {4, 470, 3, 64}, {2, 1568, 6, 64}, {2, 940, 6, 64}
  };

  private AttentionBenchmark() {}

  /** Runs everything. */
  public static void main(String[] arguments) {
    long millis = arguments.length == 0 ? 300 : Long.parseLong(arguments[0]);
    System.out.printf(
        "%-16s %-9s %10s %10s %10s %10s %6s%n",
        "B, N, H, D", "", "1: ms", "GFLOP/s", "2: ms", "GFLOP/s", "times");
    try (WorkerPool one = new WorkerPool(1);
        WorkerPool two = new WorkerPool(2)) {
      for (int[] s : SHAPES) {
        measure(new Attention(one), new Attention(two), s[0], s[1], s[2], s[3], millis);
      }
    }
  }

  private static void measure(
      Attention one, Attention two, int B, int N, int H, int D, long millis) {
    try (Arena arena = Arena.ofConfined()) {
      long elements = (long) B * N * H * D;
      long qkv = random(arena, 3 * elements);
      long out = random(arena, elements);
      long dout = random(arena, elements);
      long lse = random(arena, (long) B * N * H);
      long dqkv = random(arena, 3 * elements);
      float scale = (float) (1 / Math.sqrt(D));
      String shape = B + ", " + N + ", " + H + ", " + D;
      double work = 4.0 * N * N * D * B * H;
      print(
          shape + "  forward",
          work,
          fastest(() -> one.forward(qkv, out, lse, B, N, H, D, scale), millis),
          fastest(() -> two.forward(qkv, out, lse, B, N, H, D, scale), millis));
      print(
          shape + "  backward",
          2.5 * work,
          fastest(() -> one.backward(qkv, out, dout, lse, dqkv, B, N, H, D, scale), millis),
          fastest(() -> two.backward(qkv, out, dout, lse, dqkv, B, N, H, D, scale), millis));
    }
  }

  private static void print(String name, double work, double one, double two) {
    System.out.printf(
        Locale.ROOT,
        "%-26s %10.2f %10.0f %10.2f %10.0f %6.2f%n",
        name,
        one * 1e3,
        work / one * 1e-9,
        two * 1e3,
        work / two * 1e-9,
        one / two);
  }

  /** Seconds of the fastest call. */
  private static double fastest(Runnable call, long millis) {
    for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; ) {
      call.run();
    }
    long best = Long.MAX_VALUE;
    for (long end = System.nanoTime() + millis * 1_000_000; System.nanoTime() < end; ) {
      long start = System.nanoTime();
      call.run();
      best = Math.min(best, System.nanoTime() - start);
    }
    return best * 1e-9;
  }

  private static long random(Arena arena, long n) {
    SplittableRandom random = new SplittableRandom(1);
    long address = arena.allocate(4 * n, 64).address();
    for (long i = 0; i < n; i++) {
      Native.f32(address + 4 * i, (float) random.nextDouble(-1, 1));
    }
    return address;
  }
}
