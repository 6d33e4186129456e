package dev.tenzing.engine.cpu;

import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.RawMemory;

/** This machine's processors. */
public final class CpuBackend implements Backend {
  private final WorkerPool pool;
  private final CpuMemory memory = new CpuMemory();
  private final Kernels kernels;

  private CpuBackend(WorkerPool pool, Kernels kernels) {
    this.pool = pool;
    this.kernels = kernels;
  }

  /**
   * The fast kernels where this JVM compiles them well, else the scalar reference; see {@link
   * KernelChoice}.
   */
  public static CpuBackend create(int threads) {
    WorkerPool pool = new WorkerPool(threads);
    return new CpuBackend(
        pool, KernelChoice.current().vector() ? new VectorKernels(pool) : new ReferenceKernels());
  }

  /** The scalar reference, on one thread. */
  public static CpuBackend reference() {
    return new CpuBackend(new WorkerPool(1), new ReferenceKernels());
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
  public double peakFlops() {
    return kernels instanceof VectorKernels ? FmaPeak.measure(pool) : Double.NaN;
  }

  @Override
  public void close() {
    pool.close();
  }
}
