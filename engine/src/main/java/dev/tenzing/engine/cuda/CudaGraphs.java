package dev.tenzing.engine.cuda;

import static dev.tenzing.bindings.cuda.Cuda.CUDA_SUCCESS;
import static dev.tenzing.bindings.cuda.Cuda.CU_STREAM_CAPTURE_MODE_RELAXED;
import static dev.tenzing.engine.cuda.DriverCall.check;

import dev.tenzing.bindings.cuda.Cuda;
import dev.tenzing.engine.kernel.Graphs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** CUDA graphs of the work on a stream, and copies beside it on a second stream. */
final class CudaGraphs implements Graphs, AutoCloseable {
  private final Launcher launcher;
  private final CudaStream stream;
  private final CudaStream copies;

  CudaGraphs(Launcher launcher) {
    this.launcher = launcher;
    this.stream = launcher.stream();
    this.copies = new CudaStream(stream.context());
  }

  /** Relaxed: memory may be taken for the graph while it is made. */
  @Override
  public void begin() {
    stream.context().enter();
    check(
        "cuStreamBeginCapture",
        Cuda.cuStreamBeginCapture_v2(stream.handle(), CU_STREAM_CAPTURE_MODE_RELAXED()));
    launcher.setCapturing(true);
  }

  @Override
  public Graph end() {
    launcher.setCapturing(false);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
      check("cuStreamEndCapture", Cuda.cuStreamEndCapture(stream.handle(), pointer));
      MemorySegment graph = pointer.get(ValueLayout.ADDRESS, 0);
      int result = Cuda.cuGraphInstantiateWithFlags(pointer, graph, 0);
      check("cuGraphDestroy", Cuda.cuGraphDestroy(graph));
      check("cuGraphInstantiate", result);
      MemorySegment executable = pointer.get(ValueLayout.ADDRESS, 0);
      check("cuGraphUpload", Cuda.cuGraphUpload(executable, stream.handle()));
      return new Executable(executable);
    }
  }

  @Override
  public void abandon() {
    if (!launcher.isCapturing()) {
      return;
    }
    launcher.setCapturing(false);
    stream.context().enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment graph = arena.allocate(ValueLayout.ADDRESS);
      // What went wrong has been said; that it made the capture invalid need not be.
      if (Cuda.cuStreamEndCapture(stream.handle(), graph) == CUDA_SUCCESS()) {
        Cuda.cuGraphDestroy(graph.get(ValueLayout.ADDRESS, 0));
      }
    }
  }

  private final class Executable implements Graph {
    private final MemorySegment handle;

    Executable(MemorySegment handle) {
      this.handle = handle;
    }

    @Override
    public void launch() {
      stream.context().enter();
      check("cuGraphLaunch", Cuda.cuGraphLaunch(handle, stream.handle()));
    }

    @Override
    public void close() {
      stream.synchronize();
      check("cuGraphExecDestroy", Cuda.cuGraphExecDestroy(handle));
    }
  }

  @Override
  public Inlet inlet(long target, long staging, long bytes) {
    return new CudaInlet(stream, copies, target, staging, bytes);
  }

  @Override
  public Outlet outlet(long bytes) {
    return new CudaOutlet(stream, bytes);
  }

  @Override
  public void close() {
    copies.close();
  }
}
