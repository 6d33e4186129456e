package dev.tenzing.engine.cuda;

import static dev.tenzing.engine.cuda.DriverCall.check;

import dev.tenzing.bindings.cuda.Cuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the kernels of one GPU share: its stream, their compiled code, memory for partial sums, and
 * small tables that go with a launch.
 *
 * <p>Scratch and tables are used in the order of the stream and live until the back end is closed:
 * a captured graph may hold their addresses.
 */
final class Launcher implements AutoCloseable {
  private static final long ALIGNMENT = 256;

  /** Bytes of pinned tables that are under way at a time. */
  private static final long RING = 4 << 20;

  private final CudaStream stream;
  private final CudaMemory memory;
  private final KernelCompiler compiler;
  private final boolean synchronous;
  private final int multiprocessors;
  private final Map<String, MemorySegment> modules = new HashMap<>();
  private final List<Long> blocks = new ArrayList<>();
  private final CudaEvent tablesRead;
  private final Scratch scratch = new Scratch(this);
  private PinnedMemory ring;
  private long ringOnDevice;
  private long ringUsed;
  private boolean capturing;

  /**
   * The kernels of a GPU.
   *
   * @param synchronous whether to wait after every launch, so that a failure names its kernel
   */
  Launcher(CudaStream stream, CudaMemory memory, KernelCompiler compiler, boolean synchronous) {
    this.stream = stream;
    this.memory = memory;
    this.compiler = compiler;
    this.synchronous = synchronous;
    this.multiprocessors = stream.context().device().multiprocessors();
    this.tablesRead = new CudaEvent(stream.context());
  }

  /** A kernel of a file of this package; compiled and loaded when it is first launched. */
  KernelFunction function(String file, String name) {
    return new KernelFunction(this, file, name);
  }

  CudaStream stream() {
    return stream;
  }

  /** How many streaming multiprocessors the GPU has. */
  int multiprocessors() {
    return multiprocessors;
  }

  /** Whether launches are recorded instead of run. */
  boolean isCapturing() {
    return capturing;
  }

  void setCapturing(boolean capturing) {
    this.capturing = capturing;
  }

  MemorySegment load(String file, String name) {
    if (capturing && !modules.containsKey(file)) {
      // Compiling takes a second and loading may wait for the GPU.
      throw new CudaException(
          "the kernel "
              + name
              + " has not run yet: run a step in the ordinary way before it is captured");
    }
    MemorySegment module = modules.computeIfAbsent(file, this::module);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
      check(
          "cuModuleGetFunction",
          name + " of " + file + ".cu",
          Cuda.cuModuleGetFunction(pointer, module, arena.allocateFrom(name)));
      return pointer.get(ValueLayout.ADDRESS, 0);
    }
  }

  private MemorySegment module(String file) {
    byte[] code = compiler.compile(file);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment image = arena.allocate(code.length, ALIGNMENT);
      image.copyFrom(MemorySegment.ofArray(code));
      MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
      check("cuModuleLoadData", file + ".cu", Cuda.cuModuleLoadData(pointer, image));
      return pointer.get(ValueLayout.ADDRESS, 0);
    }
  }

  void launched(String name) {
    if (synchronous) {
      check("cuStreamSynchronize", name, Cuda.cuStreamSynchronize(stream.handle()));
    }
  }

  /**
   * Memory of undefined content for what a kernel leaves to the next one, on the same stream.
   *
   * @return an address, aligned to 256 bytes, valid until the next call
   */
  long scratch(long bytes) {
    return scratch.of(bytes);
  }

  /**
   * Copies a table to the GPU in the order of the stream.
   *
   * @return its address there, valid for the launches before the next upload
   */
  long upload(long... values) {
    MemorySegment host = slot((long) Long.BYTES * values.length);
    MemorySegment.copy(values, 0, host, ValueLayout.JAVA_LONG, 0, values.length);
    return send(host);
  }

  /** {@link #upload(long...)} of double precision numbers. */
  long upload(double... values) {
    MemorySegment host = slot((long) Double.BYTES * values.length);
    MemorySegment.copy(values, 0, host, ValueLayout.JAVA_DOUBLE, 0, values.length);
    return send(host);
  }

  /** A part of the ring that no copy reads any more. */
  private MemorySegment slot(long bytes) {
    if (capturing) {
      throw new CudaException(
          "a kernel that takes a table from the host has no place in a captured step: the table"
              + " would be gone when it is replayed");
    }
    if (bytes > RING) {
      throw new CudaException("a table of " + bytes + " bytes is too large to go with a launch");
    }
    if (ring == null) {
      ring = new PinnedMemory(stream.context(), RING);
      ringOnDevice = reserve(RING);
    }
    if (ringUsed + bytes > RING) {
      tablesRead.record(stream);
      tablesRead.synchronize();
      ringUsed = 0;
    }
    MemorySegment slot = ring.segment().asSlice(ringUsed, bytes);
    ringUsed += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return slot;
  }

  private long send(MemorySegment host) {
    long target = ringOnDevice + (host.address() - ring.segment().address());
    check(
        "cuMemcpyHtoDAsync",
        Cuda.cuMemcpyHtoDAsync_v2(target, host, host.byteSize(), stream.handle()));
    return target;
  }

  /** Memory that lives as long as the back end. */
  long reserve(long bytes) {
    long address = memory.allocate(bytes);
    if (address == 0) {
      throw new CudaException(
          "the GPU has no room for " + bytes + " bytes of working memory: use a smaller batch");
    }
    blocks.add(address);
    return address;
  }

  @Override
  public void close() {
    stream.synchronize();
    blocks.forEach(address -> memory.free(address, 0));
    if (ring != null) {
      ring.close();
    }
    modules.values().forEach(module -> check("cuModuleUnload", Cuda.cuModuleUnload(module)));
    tablesRead.close();
  }
}
