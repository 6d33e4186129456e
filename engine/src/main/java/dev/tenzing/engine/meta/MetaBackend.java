package dev.tenzing.engine.meta;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.RawMemory;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Kernels that do nothing on memory that does not exist. Everything above it is real: shapes are
 * checked, the tape records and releases, and the allocator counts blocks as it does elsewhere, so
 * the peak of a step on this back end is the peak of that step on any other that is told to do the
 * same.
 */
public final class MetaBackend implements Backend {
  // A proxy, so that a new kernel needs nothing here.
  private final Kernels kernels =
      (Kernels)
          Proxy.newProxyInstance(
              Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, MetaBackend::call);

  private final RawMemory memory = new Imagined();
  private final DType activations;

  /** A back end whose activations between matrix products are of that type, F32 or BF16. */
  public MetaBackend(DType activations) {
    this.activations = activations;
  }

  private static Object call(Object proxy, Method method, Object[] arguments) {
    if (method.getName().equals("firstOutOfRange")) {
      return -1L;
    }
    if (method.getReturnType() != void.class) {
      throw new UnsupportedOperationException(
          "the meta device computes nothing, so " + method.getName() + " has no value there");
    }
    return null;
  }

  @Override
  public String name() {
    return "meta";
  }

  @Override
  public RawMemory memory() {
    return memory;
  }

  @Override
  public DType activations() {
    return activations;
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public void close() {}

  /** Addresses that nothing stands behind. */
  private static final class Imagined implements RawMemory {
    private static final long ALIGNMENT = 64;

    private long next = ALIGNMENT;

    @Override
    public long allocate(long bytes) {
      long address = next;
      next = Math.addExact(next, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
      return address;
    }

    @Override
    public void free(long address, long bytes) {}

    @Override
    public long limit() {
      return Long.MAX_VALUE;
    }

    @Override
    public void copyIn(MemorySegment source, long target) {}

    @Override
    public void copyOut(long source, MemorySegment target) {
      throw new IllegalStateException("a tensor on the meta device has no values to read");
    }
  }
}
