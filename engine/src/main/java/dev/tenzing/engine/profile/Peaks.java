package dev.tenzing.engine.profile;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.LinearKernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.PointwiseKernels;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * What a device reaches at most, measured: the ceilings of its kernels.
 *
 * @param arithmetic what the first one is
 * @param gflopsPerSecond billions of floating-point operations a second
 * @param gigabytesPerSecond billions of bytes that a plain copy reads and writes a second
 */
public record Peaks(String arithmetic, double gflopsPerSecond, double gigabytesPerSecond) {
  // Several times what caches hold, of processors and GPUs.
  private static final long COPIED = 128L << 20;
  private static final int ROUNDS = 30;
  // Compiled code comes in several steps, each several times as fast as the last: no more comes
  // when
  // nothing has become faster for a while.
  private static final long STABLE_NANOS = 500_000_000L;
  private static final long MOST_NANOS = 20_000_000_000L;
  private static final double FASTER = 0.98;
  private static final int SMALLEST = 256;
  private static final int LARGEST = 8192;
  // A product that takes this long keeps all of a device busy.
  private static final double ENOUGH_NANOS = 3e6;

  /** Measures them where nothing else runs; takes a few seconds. */
  static Peaks measure(Backend backend) {
    double copy = copy(backend);
    double multiplyAdds = backend.peakFlops();
    if (!Double.isNaN(multiplyAdds)) {
      return new Peaks("multiply-adds in registers", multiplyAdds / 1e9, copy);
    }
    for (int n = SMALLEST; ; n *= 2) {
      double nanos = product(backend, n);
      if (nanos > ENOUGH_NANOS || n == LARGEST) {
        String name = String.format(Locale.ROOT, "a product of %d x %d x %d", n, n, n);
        return new Peaks(name, 2.0 * n * n * n / nanos, copy);
      }
    }
  }

  /**
   * These, or the rate of the fastest of some kernels where that is more: on a busy machine a
   * ceiling may be measured below what is reached later, and no part of it is above 100 %.
   */
  public Peaks reachedBy(List<KernelWork> kernels) {
    return kernels.stream()
        .filter(kernel -> kernel.gflopsPerSecond() > gflopsPerSecond)
        .max(Comparator.comparingDouble(KernelWork::gflopsPerSecond))
        .map(kernel ->
            new Peaks(
                "which " + kernel.kernel() + " " + kernel.shape() + " reached",
                kernel.gflopsPerSecond(),
                gigabytesPerSecond))
        .orElse(this);
  }

  private static double copy(Backend backend) {
    try (Block source = new Block(backend, COPIED);
        Block target = new Block(backend, COPIED)) {
      Kernels kernels = backend.kernels();
      return 2
          * COPIED
          / best(
              backend,
              () ->
                  kernels
                      .pointwise()
                      .copy(new PointwiseKernels.Copy(source.address, target.address, COPIED)));
    }
  }

  private static double product(Backend backend, int n) {
    DType type = backend.activations();
    long elements = (long) n * n;
    try (Block x = new Block(backend, type.bytes() * elements);
        Block w = new Block(backend, 4 * elements);
        Block y = new Block(backend, type.bytes() * elements)) {
      Kernels kernels = backend.kernels();
      return best(
          backend,
          () ->
              kernels
                  .linear()
                  .forward(
                      new LinearKernels.Linear(
                          new Operand(x.address, type),
                          Operand.f32(w.address),
                          Operand.NONE,
                          Operand.NONE,
                          new Operand(y.address, type),
                          n,
                          n,
                          n)));
    }
  }

  /** Nanoseconds of the fastest round, when rounds have stopped to become faster. */
  private static double best(Backend backend, Runnable work) {
    long best = Long.MAX_VALUE;
    long begin = System.nanoTime();
    long improved = begin;
    long now = begin;
    for (int round = 0;
        round < ROUNDS || now - improved < STABLE_NANOS && now - begin < MOST_NANOS;
        round++) {
      backend.synchronize();
      long start = System.nanoTime();
      work.run();
      backend.synchronize();
      now = System.nanoTime();
      if (now - start < FASTER * best) {
        improved = now;
      }
      best = Math.min(best, now - start);
    }
    return best;
  }

  /** Memory beside the allocator's, so that it does not count as used by tensors. */
  private static final class Block implements AutoCloseable {
    private final Backend backend;
    private final long bytes;
    private final long address;

    Block(Backend backend, long bytes) {
      this.backend = backend;
      this.bytes = bytes;
      address = backend.memory().allocate(bytes);
      if (address == 0) {
        throw new IllegalStateException(
            "no room for the %s MiB with which the peaks of %s are measured"
                .formatted(bytes >> 20, backend.name()));
      }
      backend
          .kernels()
          .pointwise()
          .fill(new PointwiseKernels.Fill(Operand.f32(address), 0.5f, bytes / 4));
    }

    @Override
    public void close() {
      backend.memory().free(address, bytes);
    }
  }
}
