package dev.tenzing.engine.profile;

/**
 * Time and work of a kernel in a step.
 *
 * @param kernel {@linkplain dev.tenzing.engine.kernel.KernelCall#kernel() its name}, or copyIn and
 *     copyOut for copies from and to the host
 * @param shape MxNxK of a matrix product, as its kernel has them, with the size of a batch before
 *     them, or BxNxHxD of attention; empty for other kernels and for several shapes together
 * @param calls how often it ran
 * @param nanos how long it took in all
 * @param flops twice the multiply-adds of its products; 0 for other kernels
 * @param bytes what it must read and write at least once
 */
public record KernelWork(
    String kernel, String shape, double calls, double nanos, double flops, double bytes) {
  /** Billions of floating-point operations a second. */
  public double gflopsPerSecond() {
    return flops / nanos;
  }

  /** Billions of bytes a second. */
  public double gigabytesPerSecond() {
    return bytes / nanos;
  }
}
