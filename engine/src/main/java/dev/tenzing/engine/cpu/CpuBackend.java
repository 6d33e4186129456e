package dev.tenzing.engine.cpu;

import dev.tenzing.engine.Precision;
import dev.tenzing.engine.cpu.attention.NormalizedHeads;
import dev.tenzing.engine.cpu.attention.TiledAttention;
import dev.tenzing.engine.cpu.gemm.FmaPeak;
import dev.tenzing.engine.cpu.gemm.Gemm;
import dev.tenzing.engine.cpu.gemm.Packing;
import dev.tenzing.engine.cpu.rows.Divergences;
import dev.tenzing.engine.cpu.rows.Dropouts;
import dev.tenzing.engine.cpu.rows.LayerNorms;
import dev.tenzing.engine.cpu.rows.Layouts;
import dev.tenzing.engine.cpu.rows.Losses;
import dev.tenzing.engine.cpu.rows.Optimizer;
import dev.tenzing.engine.cpu.rows.PixelTargets;
import dev.tenzing.engine.cpu.rows.Pointwise;
import dev.tenzing.engine.cpu.rows.Ranking;
import dev.tenzing.engine.cpu.rows.Residuals;
import dev.tenzing.engine.cpu.rows.RowReductions;
import dev.tenzing.engine.cpu.rows.ScalarFunctions;
import dev.tenzing.engine.cpu.rows.Softmaxes;
import dev.tenzing.engine.cpu.rows.Tokens;
import dev.tenzing.engine.cpu.rows.Videos;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.HostMemory;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.RawMemory;
import dev.tenzing.engine.reference.ReferenceBackend;

/** This machine's processors, on the Vector API and in machine code. */
public final class CpuBackend implements Backend {
  private final HostMemory memory = new HostMemory();
  private final WorkerPool pool;
  private final Kernels kernels;
  private final Precision precision;

  private CpuBackend(int threads, Precision precision) {
    this.precision = precision;
    pool = new WorkerPool(threads);
    kernels = kernels(pool, precision);
  }

  /**
   * The fast kernels where this JVM compiles them well, else the scalar reference; see {@link
   * KernelChoice}.
   *
   * @param precision FP32 or BF16
   */
  public static Backend create(int threads, Precision precision) {
    if (precision == Precision.TF32) {
      throw new IllegalArgumentException("the CPU computes in FP32 or BF16, not TF32");
    }
    if (!KernelChoice.current().vector()) {
      KernelChoice.warnWhenSlow();
      return new ReferenceBackend(precision);
    }
    return new CpuBackend(threads, precision);
  }

  static Kernels kernels(WorkerPool pool, Precision precision) {
    return new Kernels(
        new Gemm(pool, Packing.of(precision)),
        new TiledAttention(pool),
        new NormalizedHeads(pool),
        new LayerNorms(pool),
        new Softmaxes(pool),
        new Pointwise(pool),
        new ScalarFunctions(pool),
        new Layouts(pool),
        new Residuals(pool),
        new Dropouts(pool),
        new RowReductions(pool),
        new Tokens(pool),
        new Ranking(pool),
        new Videos(pool),
        new PixelTargets(pool),
        new Losses(pool),
        new Divergences(pool),
        new Optimizer(pool));
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
    return multiplyAdds ? FmaPeak.measure(pool) : Double.NaN;
  }

  @Override
  public void close() {
    pool.close();
  }
}
