package dev.tenzing.engine.profile;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Precision;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Cost;
import dev.tenzing.engine.kernel.Graphs;
import dev.tenzing.engine.kernel.KernelCall;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.RawMemory;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A back end that waits for every kernel and copy, and tells a {@link Profile} what it took. It
 * captures no steps: kernels of a replay cannot be told apart.
 */
final class ProfiledBackend implements Backend {
  private final Backend backend;
  private final Profile profile;
  private final Kernels kernels;
  private final RawMemory memory = new ProfiledMemory();

  ProfiledBackend(Backend backend, Profile profile) {
    this.backend = backend;
    this.profile = profile;
    kernels = backend.kernels().behind(this::time);
  }

  private Object time(KernelCall call, Kernels.Kernel kernel) throws ReflectiveOperationException {
    long start = System.nanoTime();
    Object result = kernel.run();
    finish(call.kernel(), call.cost(), start);
    return result;
  }

  private void finish(String kernel, Cost cost, long start) {
    backend.synchronize();
    profile.add(kernel, cost, System.nanoTime() - start);
  }

  @Override
  public String name() {
    return backend.name();
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
  public Optional<Graphs> graphs() {
    return Optional.empty();
  }

  @Override
  public DType activations() {
    return backend.activations();
  }

  @Override
  public Precision precision() {
    return backend.precision();
  }

  @Override
  public void synchronize() {
    backend.synchronize();
  }

  @Override
  public double peakFlops() {
    return backend.peakFlops();
  }

  @Override
  public void close() {
    backend.close();
  }

  /** Copies from and to the host, which count as read once and written once. */
  private final class ProfiledMemory implements RawMemory {
    @Override
    public long allocate(long bytes) {
      return backend.memory().allocate(bytes);
    }

    @Override
    public void free(long address, long bytes) {
      backend.memory().free(address, bytes);
    }

    @Override
    public long limit() {
      return backend.memory().limit();
    }

    @Override
    public void copyIn(MemorySegment source, long target) {
      long start = System.nanoTime();
      backend.memory().copyIn(source, target);
      finish("copyIn", Cost.moving(2 * source.byteSize()), start);
    }

    @Override
    public void copyOut(long source, MemorySegment target) {
      long start = System.nanoTime();
      backend.memory().copyOut(source, target);
      finish("copyOut", Cost.moving(2 * target.byteSize()), start);
    }
  }
}
