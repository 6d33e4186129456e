package dev.tenzing.engine.cuda;

import static dev.tenzing.bindings.cuda.Cuda.CU_EVENT_DISABLE_TIMING;
import static dev.tenzing.engine.cuda.DriverCall.check;

import dev.tenzing.bindings.cuda.Cuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A point in a stream that the host or another stream can wait for. */
final class CudaEvent implements AutoCloseable {
  private final CudaContext context;
  private final MemorySegment handle;

  CudaEvent(CudaContext context) {
    this.context = context;
    context.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
      check("cuEventCreate", Cuda.cuEventCreate(pointer, CU_EVENT_DISABLE_TIMING()));
      handle = pointer.get(ValueLayout.ADDRESS, 0);
    }
  }

  MemorySegment handle() {
    return handle;
  }

  /** The point after all work that the stream has now. */
  void record(CudaStream stream) {
    context.enter();
    check("cuEventRecord", Cuda.cuEventRecord(handle, stream.handle()));
  }

  /** Waits until the point is passed; at once when it was never recorded. */
  void synchronize() {
    context.enter();
    check("cuEventSynchronize", Cuda.cuEventSynchronize(handle));
  }

  @Override
  public void close() {
    context.enter();
    check("cuEventDestroy", Cuda.cuEventDestroy_v2(handle));
  }
}
