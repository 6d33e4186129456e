package dev.tenzing.engine.cuda;

import static dev.tenzing.engine.cuda.DriverCall.check;

import dev.tenzing.bindings.cuda.Cuda;
import dev.tenzing.engine.kernel.Graphs;
import java.lang.foreign.MemorySegment;

/** Numbers on their way from the GPU, in the order of the stream. */
final class CudaOutlet implements Graphs.Outlet {
  private final CudaStream stream;
  private final PinnedMemory memory;
  private final CudaEvent arrived;

  CudaOutlet(CudaStream stream, long bytes) {
    this.stream = stream;
    memory = new PinnedMemory(stream.context(), bytes);
    arrived = new CudaEvent(stream.context());
  }

  @Override
  public void fetch(long source, long offset, long bytes) {
    stream.context().enter();
    check(
        "cuMemcpyDtoHAsync",
        Cuda.cuMemcpyDtoHAsync_v2(
            memory.segment().asSlice(offset, bytes), source, bytes, stream.handle()));
    arrived.record(stream);
  }

  @Override
  public MemorySegment host() {
    arrived.synchronize();
    return memory.segment();
  }

  @Override
  public void close() {
    arrived.synchronize();
    memory.close();
    arrived.close();
  }
}
