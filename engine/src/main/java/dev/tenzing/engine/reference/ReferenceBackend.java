package dev.tenzing.engine.reference;

import dev.tenzing.engine.Precision;
import dev.tenzing.engine.host.HostMemory;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.RawMemory;

/** One processor of this machine, in plain loops. */
public final class ReferenceBackend implements Backend {
  private final HostMemory memory = new HostMemory();
  private final Precision precision;
  private final Kernels kernels;

  /** The back end in F32. */
  public ReferenceBackend() {
    this(Precision.FP32);
  }

  /**
   * The back end.
   *
   * @param precision FP32 or BF16
   */
  public ReferenceBackend(Precision precision) {
    this.precision = precision;
    ReferenceNorm norm = new ReferenceNorm();
    ReferenceResidual residual = new ReferenceResidual();
    ReferenceVideo video = new ReferenceVideo();
    kernels =
        new Kernels(
            new ReferenceLinear(precision),
            new ReferenceAttention(),
            new ReferenceCosine(),
            norm,
            norm,
            new ReferencePointwise(),
            new ReferenceFunctions(),
            new ReferenceLayout(),
            residual,
            residual,
            new ReferenceReductions(),
            new ReferenceTokens(),
            new ReferenceRanking(),
            video,
            video,
            new ReferenceLoss(),
            new ReferenceDivergence(),
            new ReferenceOptimizer());
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
  public void close() {}
}
