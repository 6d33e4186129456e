package dev.tenzing.engine.cpu;

import java.lang.foreign.Arena;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import jdk.incubator.vector.FloatVector;

/**
 * Speed of {@link Gemm} at the shapes of video transformers, in GFLOP/s and as a part of the FMA
 * peak of one thread measured in the same run. After {@code mvn -pl engine -am test-compile}:
 *
 * <pre>
 * java --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
 *   -cp engine/target/classes:engine/target/test-classes dev.tenzing.engine.cpu.GemmBenchmark
 * </pre>
 *
 * <p>An argument is the time in milliseconds spent on each figure (100 by default). A figure is the
 * fastest call, because others may use the machine too.
 */
final class GemmBenchmark {
  // M, N, K: rows of tokens, output width, input width.
  private static final int[][] SHAPES = {
    {4, 400, 384},
    {156, 1152, 384},
    {156, 384, 1536},
    {470, 1536, 384},
    {624, 1152, 384},
    {624, 384, 384},
    {624, 1536, 384},
    {624, 384, 1536},
    {940, 2304, 768},
    {1256, 1536, 192},
    {1568, 768, 768},
    {1880, 576, 192},
    {1880, 768, 192},
    {1880, 192, 768},
    {6272, 384, 1536},
  };

  private final Arena arena = Arena.ofShared();
  private final long millis;
  private final double peak;

  private GemmBenchmark(long millis) {
    this.millis = millis;
    this.peak = peak();
  }

  /** Runs everything. */
  public static void main(String[] arguments) {
    long millis = arguments.length == 0 ? 100 : Long.parseLong(arguments[0]);
    GemmBenchmark benchmark = new GemmBenchmark(millis);
    print("%s, FMA peak of one thread %.0f GFLOP/s%n", VectorSpec.F.vectorShape(), benchmark.peak);
    print("%-18s %-9s %10s %6s %10s %6s%n", "M x N x K", "", "1 thread", "peak", "2", "times");
    try (WorkerPool one = new WorkerPool(1);
        WorkerPool two = new WorkerPool(2)) {
      benchmark.warmUp(new Gemm(two));
      for (int[] shape : SHAPES) {
        benchmark.measure(new Gemm(one), new Gemm(two), shape[0], shape[1], shape[2]);
      }
    }
  }

  /** Until C2 has compiled everything, also where others keep it from the processors. */
  private void warmUp(Gemm gemm) {
    int n = 400;
    long x = random(n, n);
    long w = random(n, n);
    long y = random(n, n);
    long pre = random(n, n);
    long end = System.nanoTime() + 50 * millis * 1_000_000;
    while (System.nanoTime() < end) {
      gemm.linear(x, w, 0, y, y, n, n, n);
      gemm.linearGelu(x, w, 0, pre, y, n, n, n);
      gemm.linearBackwardInput(x, w, y, n, n, n, false);
      gemm.linearBackwardWeight(x, w, y, pre, n, n, n, false);
    }
  }

  private void measure(Gemm one, Gemm two, int M, int N, int K) {
    long x = random(M, K);
    long w = random(N, K);
    long bias = random(1, N);
    long y = random(M, N);
    long pre = random(M, N);
    String shape = M + " x " + N + " x " + K;
    double work = 2.0 * M * N * K;
    compare(shape, "linear", work, one, two, g -> g.linear(x, w, bias, 0, y, M, N, K));
    compare(shape, "gelu", work, one, two, g -> g.linearGelu(x, w, bias, pre, y, M, N, K));
    long dx = random(M, K);
    compare(shape, "dx", work, one, two, g -> g.linearBackwardInput(pre, w, dx, M, N, K, false));
    long dw = random(N, K);
    compare(
        shape,
        "dw, db",
        work,
        one,
        two,
        g -> g.linearBackwardWeight(pre, x, dw, bias, M, N, K, false));
  }

  private void compare(
      String shape, String name, double work, Gemm one, Gemm two, Consumer<Gemm> call) {
    double first = work / fastest(() -> call.accept(one));
    double second = work / fastest(() -> call.accept(two));
    print(
        "%-18s %-9s %10.1f %5.0f%% %10.1f %6.2f%n",
        shape, name, first, 100 * first / peak, second, second / first);
  }

  /** Nanoseconds of the fastest run. */
  private long fastest(Runnable run) {
    long best = Long.MAX_VALUE;
    long end = System.nanoTime() + millis * 1_000_000;
    for (long start = System.nanoTime(); start < end; ) {
      run.run();
      long now = System.nanoTime();
      best = Math.min(best, now - start);
      start = now;
    }
    return best;
  }

  private double peak() {
    int steps = 20_000;
    float[] sink = new float[1];
    long time = fastest(() -> sink[0] += multiplyAdds(steps));
    for (int i = 0; i < 5; i++) {
      time = Math.min(time, fastest(() -> sink[0] += multiplyAdds(steps)));
    }
    return 2.0 * 12 * VectorSpec.F.length() * steps / time;
  }

  /** Twelve independent chains of multiply-adds: enough to hide their latency. */
  private static float multiplyAdds(int steps) {
    FloatVector x = FloatVector.broadcast(VectorSpec.F, 0.999f);
    FloatVector y = FloatVector.broadcast(VectorSpec.F, 0.001f);
    FloatVector a = x;
    FloatVector b = y;
    FloatVector c = x.neg();
    FloatVector d = y.neg();
    FloatVector e = x.add(1);
    FloatVector f = y.add(1);
    FloatVector g = x.add(2);
    FloatVector h = y.add(2);
    FloatVector i = x.add(3);
    FloatVector j = y.add(3);
    FloatVector k = x.add(4);
    FloatVector l = y.add(4);
    for (int step = 0; step < steps; step++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
    }
    return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
  }

  private long random(int rows, int columns) {
    SplittableRandom random = new SplittableRandom(rows);
    long n = (long) rows * columns;
    long address = arena.allocate(n * 4, 64).address();
    for (long i = 0; i < n; i++) {
      Native.f32(address + i * 4, (float) random.nextDouble(-1, 1));
    }
    return address;
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format, values);
  }
}
