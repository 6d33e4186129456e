package dev.tenzing.engine.cuda;

import static dev.tenzing.engine.cuda.DriverCall.check;

import dev.tenzing.bindings.cuda.Cuda;
import dev.tenzing.engine.kernel.Graphs;
import java.lang.foreign.MemorySegment;

/**
 * Values on their way to the GPU, in two buffers of the host that take turns. The copy to the
 * staging memory runs on a stream of its own beside the step before; when that is done, a copy
 * within the GPU, a hundred times as fast, puts the values where the step reads them.
 */
final class CudaInlet implements Graphs.Inlet {
  private final CudaStream stream;
  private final CudaStream copies;
  private final long target;
  private final long staging;
  private final PinnedMemory[] buffers = new PinnedMemory[2];
  private final CudaEvent[] sent = new CudaEvent[2];
  private final CudaEvent taken;
  private int turn;
  private boolean free;

  CudaInlet(CudaStream stream, CudaStream copies, long target, long staging, long bytes) {
    this.stream = stream;
    this.copies = copies;
    this.target = target;
    this.staging = staging;
    for (int i = 0; i < buffers.length; i++) {
      buffers[i] = new PinnedMemory(stream.context(), bytes);
      sent[i] = new CudaEvent(stream.context());
    }
    taken = new CudaEvent(stream.context());
  }

  @Override
  public MemorySegment host() {
    if (!free) {
      sent[turn].synchronize();
      free = true;
    }
    return buffers[turn].segment();
  }

  @Override
  public void preset(long offset, MemorySegment values) {
    for (PinnedMemory buffer : buffers) {
      MemorySegment.copy(values, 0, buffer.segment(), offset, values.byteSize());
    }
  }

  @Override
  public void send(long bytes) {
    host();
    copies.await(taken);
    check(
        "cuMemcpyHtoDAsync",
        Cuda.cuMemcpyHtoDAsync_v2(staging, buffers[turn].segment(), bytes, copies.handle()));
    sent[turn].record(copies);
    stream.await(sent[turn]);
    check("cuMemcpyDtoDAsync", Cuda.cuMemcpyDtoDAsync_v2(target, staging, bytes, stream.handle()));
    taken.record(stream);
    turn = 1 - turn;
    free = false;
  }

  @Override
  public void close() {
    copies.synchronize();
    stream.synchronize();
    for (int i = 0; i < buffers.length; i++) {
      buffers[i].close();
      sent[i].close();
    }
    taken.close();
  }
}
