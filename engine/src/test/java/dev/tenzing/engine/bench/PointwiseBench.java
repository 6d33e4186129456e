package dev.tenzing.engine.bench;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.cpu.CpuBackend;
import dev.tenzing.engine.kernel.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/**
 * Prints the memory traffic per second of bandwidth-bound CPU kernels, each beside a plain copy of
 * as many bytes, which is what the memory allows. Arrays that a kernel must read or write count
 * once each. Argument: threads.
 */
public final class PointwiseBench {
  private static final int REPEATS = 15;
  private static final long ROUND_NANOS = 20_000_000;

  private final Kernels kernels;
  private final Arena arena = Arena.ofShared();

  private PointwiseBench(Kernels kernels) {
    this.kernels = kernels;
  }

  /** Runs all cases; see the class. */
  public static void main(String[] args) {
    int threads = args.length > 0 ? Integer.parseInt(args[0]) : 1;
    try (CpuBackend backend = CpuBackend.create(threads)) {
      new PointwiseBench(backend.kernels()).run(threads);
    }
  }

  private void run(int threads) {
    System.out.printf(
        "%d thread(s)%n%-34s %10s %8s %8s %8s%n",
        threads, "kernel", "us", "GB/s", "copy", "of copy");
    layerNorm(6272, 384);
    layerNorm(624, 384);
    geluBackward(624 * 1536);
    adamW(22_000_000);
    video();
    tokens();
    reductions();
  }

  private void layerNorm(int M, int C) {
    int n = M * C;
    long x = array(n);
    long w = array(C);
    long mean = array(M);
    long rstd = array(M);
    long y = array(n);
    long dy = array(n);
    long dw = array(C);
    long db = array(C);
    String shape = " " + M + "x" + C;
    measure(
        "layerNorm" + shape,
        8L * n,
        () -> kernels.layerNorm(x, w, w, y, DType.F32, mean, rstd, M, C, 1e-5f));
    measure(
        "layerNormBackward" + shape,
        12L * n,
        () ->
            kernels.layerNormBackward(
                dy, DType.F32, x, w, mean, rstd, y, dw, db, M, C, false, false));
  }

  private void geluBackward(int n) {
    long x = array(n);
    long dy = array(n);
    long dx = array(n);
    measure("geluBackward " + n, 12L * n, () -> kernels.geluBackward(x, dy, dx, DType.F32, n));
    measure("add " + n, 12L * n, () -> kernels.add(x, dy, dx, DType.F32, n));
  }

  private void adamW(int n) {
    long[] p = {array(n)};
    long[] g = {array(n)};
    long[] m = {array(n)};
    long[] v = {array(n)};
    kernels.fill(v[0], 0.1f, n);
    long norm = array(1);
    long[] sizes = {n};
    measure("globalNorm " + n, 4L * n, () -> kernels.globalNorm(g, sizes, norm));
    double[] rate = {1e-4};
    double[] decay = {0.05};
    long[] step = {1000};
    measure(
        "adamW " + n,
        28L * n,
        () -> kernels.adamW(p, g, m, v, sizes, rate, decay, step, 0.9, 0.95, 1e-8, norm, 1));
  }

  private void video() {
    int B = 4;
    int T = 16;
    int H = 224;
    int n = B * 3 * T * H * H;
    long pixels = array(n / 4);
    long video = array(n);
    long patches = array(n);
    float[] scale = {1, 1, 1};
    measure(
        "normalizeVideo 4x16x224x224x3",
        5L * n,
        () -> kernels.normalizeVideo(pixels, video, B, T, H, H, scale, scale));
    measure(
        "patchify 4x3x16x224x224",
        8L * n,
        () -> kernels.patchify(video, patches, B, T, H, H, 2, 16));
    int M = 314;
    long index = indices(B * M, 1568);
    long targets = array(B * M * 1536);
    measure(
        "patchTargets 4x314",
        8L * B * M * 1536,
        () ->
            kernels.patchTargets(video, index, targets, B, T, H, H, 2, 16, M, scale, scale, true));
    long prediction = array(B * M * 1536);
    long loss = array(1);
    measure(
        "squaredError 1256x1536",
        8L * B * M * 1536,
        () -> kernels.squaredError(prediction, targets, 0, loss, B * M, 1536, 1e-6));
  }

  private void tokens() {
    int B = 4;
    int N = 1568;
    int M = 470;
    int C = 384;
    long x = array(B * N * C);
    long index = indices(B * M, N);
    long y = array(B * M * C);
    measure(
        "gatherTokens 4x1568 -> 470x384",
        8L * B * M * C,
        () -> kernels.gatherTokens(x, index, y, B, N, M, C));
    measure(
        "gatherTokensBackward 4x470 -> 1568",
        4L * B * (M + N) * C,
        () -> kernels.gatherTokensBackward(y, index, x, B, N, M, C, false));
    long importance = array(B * N);
    measure(
        "motionImportance 4x8x196x384",
        4L * B * N * C,
        () -> kernels.motionImportance(x, importance, B, 8, 196, C));
    long order = array(B * N);
    measure("argsort 4x1568", 8L * B * N, () -> kernels.argsort(importance, order, B, N, true));
  }

  private void reductions() {
    int M = 6272;
    int C = 384;
    long x = array(M * C);
    long y = array(M * C);
    measure("sumRows 6272x384", 4L * M * C, () -> kernels.sumRows(x, DType.F32, y, M, C, false));
    measure("softmax 6272x384", 8L * M * C, () -> kernels.softmax(x, y, M, C));
    measure("add 1000", 12_000, () -> kernels.add(x, x, y, DType.F32, 1000));
    measure(
        "layerNorm 4x384",
        12_288,
        () -> kernels.layerNorm(x, x, x, y, DType.F32, y, y, 4, C, 1e-5f));
  }

  private void measure(String name, long bytes, Runnable kernel) {
    long half = bytes / 2;
    MemorySegment from = arena.allocate(half, 64).fill((byte) 1);
    MemorySegment to = arena.allocate(half, 64);
    double best = Double.MAX_VALUE;
    double copy = Double.MAX_VALUE;
    for (int i = 0; i < REPEATS; i++) {
      best = Math.min(best, nanos(kernel));
      copy = Math.min(copy, nanos(() -> kernels.copy(from.address(), to.address(), half)));
    }
    System.out.printf(
        "%-34s %10.1f %8.1f %8.1f %7.0f%%%n",
        name, best / 1e3, bytes / best, bytes / copy, 100 * copy / best);
  }

  /** Mean time of a call over a round of at least ROUND_NANOS. */
  private static double nanos(Runnable kernel) {
    long start = System.nanoTime();
    long calls = 0;
    long elapsed;
    do {
      kernel.run();
      calls++;
      elapsed = System.nanoTime() - start;
    } while (elapsed < ROUND_NANOS);
    return (double) elapsed / calls;
  }

  private long array(int n) {
    MemorySegment array = arena.allocate(4L * n, 64);
    Random random = new Random(n);
    for (int i = 0; i < n; i++) {
      array.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat() - 0.5f);
    }
    return array.address();
  }

  private long indices(int n, int bound) {
    MemorySegment array = arena.allocate(4L * n, 64);
    Random random = new Random(n);
    for (int i = 0; i < n; i++) {
      array.setAtIndex(ValueLayout.JAVA_INT, i, random.nextInt(bound));
    }
    return array.address();
  }
}
