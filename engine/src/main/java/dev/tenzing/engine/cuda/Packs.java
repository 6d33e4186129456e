package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;

/**
 * Launches in which every thread takes one pack of neighbouring elements, and the names of kernels
 * that exist for several types of activations.
 */
final class Packs {
  private static final int THREADS = 256;
  private static final int COLUMNS = 4;

  private Packs() {}

  /** What the names of a type's kernels end in. */
  static String suffix(DType type) {
    return switch (type) {
      case F32 -> "_f32";
      case BF16 -> "_bf16";
      default -> throw new IllegalArgumentException("no kernels for activations of type " + type);
    };
  }

  /** Begins a launch over n elements, {@code pack} a thread. */
  static KernelFunction elements(KernelFunction kernel, long n, int pack) {
    return threads(kernel, Math.ceilDiv(n, pack));
  }

  /** Begins a launch over rows of C elements, of which each begins with a pack of its own. */
  static KernelFunction rows(KernelFunction kernel, long rows, int C) {
    return threads(kernel, rows * Math.ceilDiv(C, COLUMNS));
  }

  /** Begins a launch of so many threads. */
  static KernelFunction threads(KernelFunction kernel, long threads) {
    return kernel.grid(Math.ceilDiv(threads, THREADS)).block(THREADS);
  }
}
