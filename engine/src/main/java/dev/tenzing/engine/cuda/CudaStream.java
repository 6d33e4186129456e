package dev.tenzing.engine.cuda;

import static dev.tenzing.bindings.cuda.Cuda.CU_STREAM_NON_BLOCKING;
import static dev.tenzing.engine.cuda.DriverCall.check;

import dev.tenzing.bindings.cuda.Cuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Work for a GPU, done in the order in which it was put here while the host goes on. */
final class CudaStream implements AutoCloseable {
  private final CudaContext context;
  private final MemorySegment handle;

  CudaStream(CudaContext context) {
    this.context = context;
    context.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
      check(
          "cuStreamCreateWithPriority",
          Cuda.cuStreamCreateWithPriority(pointer, CU_STREAM_NON_BLOCKING(), 0));
      handle = pointer.get(ValueLayout.ADDRESS, 0);
    }
  }

  CudaContext context() {
    return context;
  }

  MemorySegment handle() {
    return handle;
  }

  /**
   * Waits until all work is done.
   *
   * @throws CudaException also when work that was put here earlier failed
   */
  void synchronize() {
    context.enter();
    check("cuStreamSynchronize", Cuda.cuStreamSynchronize(handle));
  }

  /** Work put here from now on waits for the event. */
  void await(CudaEvent event) {
    context.enter();
    check("cuStreamWaitEvent", Cuda.cuStreamWaitEvent(handle, event.handle(), 0));
  }

  @Override
  public void close() {
    context.enter();
    check("cuStreamDestroy", Cuda.cuStreamDestroy_v2(handle));
  }
}
