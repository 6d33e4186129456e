package dev.tenzing.engine.meta;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.KernelCall;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.RawMemory;
import dev.tenzing.engine.kernel.TokenKernels.FirstOutOfRange;
import java.lang.foreign.MemorySegment;

/**
 * Kernels that do nothing on memory that does not exist. Everything above it is real: shapes are
 * checked, the tape records and releases, and the allocator counts blocks as it does elsewhere, so
 * the peak of a step on this back end is the peak of that step on any other that is told to do the
 * same.
 */
public final class MetaBackend implements Backend {
  private final Kernels kernels = Kernels.of((call, kernel) -> result(call));
  private final RawMemory memory = new Imagined();
  private final DType activations;

  /** A back end whose activations between matrix products are of that type, F32 or BF16. */
  public MetaBackend(DType activations) {
    this.activations = activations;
  }

  /** Without values no index is out of range. */
  private static Object result(KernelCall call) {
    return call instanceof FirstOutOfRange ? -1L : null;
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
