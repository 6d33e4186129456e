package dev.tenzing.engine.cpu;

import dev.tenzing.engine.Precision;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.RawMemory;

/** This machine's processors. */
public final class CpuBackend implements Backend {
  private final WorkerPool pool;
  private final CpuMemory memory = new CpuMemory();
  private final Kernels kernels;
  private final Precision precision;

  private CpuBackend(WorkerPool pool, Kernels kernels, Precision precision) {
    this.pool = pool;
    this.precision = precision;
    this.kernels = kernels;
  }

  /**
   * The fast kernels where this JVM compiles them well, else the scalar reference; see {@link
   * KernelChoice}.
   *
   * @param precision FP32 or BF16
   */
  public static CpuBackend create(int threads, Precision precision) {
    check(precision);
    if (!KernelChoice.current().vector()) {
      KernelChoice.warnWhenSlow();
      return reference(precision);
    }
    WorkerPool pool = new WorkerPool(threads);
    return new CpuBackend(pool, new VectorKernels(pool, precision), precision);
  }

  /** The scalar reference in F32, on one thread. */
  public static CpuBackend reference() {
    return reference(Precision.FP32);
  }

  /**
   * The scalar reference, on one thread.
   *
   * @param precision FP32 or BF16
   */
  public static CpuBackend reference(Precision precision) {
    check(precision);
    return new CpuBackend(new WorkerPool(1), new ReferenceKernels(precision), precision);
  }

  private static void check(Precision precision) {
    if (precision == Precision.TF32) {
      throw new IllegalArgumentException("the CPU computes in FP32 or BF16, not TF32");
    }
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public RawMemory memory() {
    return memory;
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public double peakFlops() {
    // How fast BF16 is multiplied differs from processor to processor: a product shows it.
    boolean multiplyAdds = precision == Precision.FP32 || KernelChoice.emulatesBf16();
    return kernels instanceof VectorKernels && multiplyAdds ? FmaPeak.measure(pool) : Double.NaN;
  }

  @Override
  public void close() {
    pool.close();
  }
}
