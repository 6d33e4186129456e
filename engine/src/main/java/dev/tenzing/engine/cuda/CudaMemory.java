package dev.tenzing.engine.cuda;

import static dev.tenzing.bindings.cuda.Cuda.CUDA_ERROR_OUT_OF_MEMORY;
import static dev.tenzing.engine.cuda.DriverCall.check;

import dev.tenzing.bindings.cuda.Cuda;
import dev.tenzing.engine.kernel.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Memory of a GPU. Tensors come and go in the order of one stream, so a block that the caching
 * allocator hands on is written by its new owner after its old one has read it.
 */
final class CudaMemory implements RawMemory {
  /** Left to the driver, the libraries' workspaces and other processes. */
  private static final long RESERVE = 256L << 20;

  private final CudaStream stream;
  private final long limit;

  CudaMemory(CudaStream stream) {
    this.stream = stream;
    stream.context().enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment free = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment total = arena.allocate(ValueLayout.JAVA_LONG);
      check("cuMemGetInfo", Cuda.cuMemGetInfo_v2(free, total));
      limit = free.get(ValueLayout.JAVA_LONG, 0) - RESERVE;
    }
  }

  @Override
  public long allocate(long bytes) {
    stream.context().enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(ValueLayout.JAVA_LONG);
      int result = Cuda.cuMemAlloc_v2(address, bytes);
      if (result == CUDA_ERROR_OUT_OF_MEMORY()) {
        return 0;
      }
      check("cuMemAlloc of " + bytes + " bytes", result);
      return address.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  @Override
  public void free(long address, long bytes) {
    stream.context().enter();
    check("cuMemFree", Cuda.cuMemFree_v2(address));
  }

  @Override
  public long limit() {
    return limit;
  }

  /** The driver has read memory of the host that is not pinned when the call returns. */
  @Override
  public void copyIn(MemorySegment source, long target) {
    if (source.byteSize() == 0) {
      return;
    }
    stream.context().enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host =
          source.isNative() ? source : arena.allocate(source.byteSize()).copyFrom(source);
      check(
          "cuMemcpyHtoDAsync",
          Cuda.cuMemcpyHtoDAsync_v2(target, host, source.byteSize(), stream.handle()));
    }
  }

  @Override
  public void copyOut(long source, MemorySegment target) {
    if (target.byteSize() == 0) {
      return;
    }
    stream.context().enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = target.isNative() ? target : arena.allocate(target.byteSize());
      check(
          "cuMemcpyDtoHAsync",
          Cuda.cuMemcpyDtoHAsync_v2(host, source, target.byteSize(), stream.handle()));
      stream.synchronize();
      if (host != target) {
        target.copyFrom(host);
      }
    }
  }

  /** Copies within the GPU, in the order of the stream. */
  void copy(long source, long target, long bytes) {
    if (bytes > 0) {
      stream.context().enter();
      check("cuMemcpyDtoDAsync", Cuda.cuMemcpyDtoDAsync_v2(target, source, bytes, stream.handle()));
    }
  }
}
