package dev.tenzing.engine.cuda;

import static dev.tenzing.bindings.cuda.Cuda.CU_MEMHOSTALLOC_PORTABLE;
import static dev.tenzing.engine.cuda.DriverCall.check;

import dev.tenzing.bindings.cuda.Cuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Memory of the host that the GPU copies from and to on its own, while the host goes on. */
final class PinnedMemory implements AutoCloseable {
  private final CudaContext context;
  private final MemorySegment memory;

  PinnedMemory(CudaContext context, long bytes) {
    this.context = context;
    context.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
      check(
          "cuMemHostAlloc of " + bytes + " bytes",
          Cuda.cuMemHostAlloc(pointer, bytes, CU_MEMHOSTALLOC_PORTABLE()));
      memory = pointer.get(ValueLayout.ADDRESS, 0).reinterpret(bytes);
    }
  }

  MemorySegment segment() {
    return memory;
  }

  @Override
  public void close() {
    context.enter();
    check("cuMemFreeHost", Cuda.cuMemFreeHost(memory));
  }
}
