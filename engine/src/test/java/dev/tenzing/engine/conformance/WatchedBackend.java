package dev.tenzing.engine.conformance;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Precision;
import dev.tenzing.engine.kernel.Backend;
import dev.tenzing.engine.kernel.Kernels;
import dev.tenzing.engine.kernel.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;

/**
 * A back end that notes which kernels are called, and whose new memory is full of NaN, so that an
 * element which a kernel forgets to write shows.
 */
final class WatchedBackend implements Backend {
  private final Backend backend;
  private final Kernels kernels;
  private final Set<Class<?>> called = new HashSet<>();

  WatchedBackend(Backend backend) {
    this.backend = backend;
    kernels =
        backend
            .kernels()
            .behind((call, kernel) -> {
              called.add(call.getClass());
              return kernel.run();
            });
  }

  /** The kernels called so far, by what they are called with. */
  Set<Class<?>> called() {
    return called;
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public DType activations() {
    return backend.activations();
  }

  @Override
  public Precision precision() {
    return backend.precision();
  }

  @Override
  public RawMemory memory() {
    return new Poisoned(backend.memory());
  }

  @Override
  public void close() {
    backend.close();
  }

  private record Poisoned(RawMemory memory) implements RawMemory {
    @Override
    public long allocate(long bytes) {
      long address = memory.allocate(bytes);
      try (Arena arena = Arena.ofConfined()) {
        // All ones are a NaN in every floating type.
        copyIn(arena.allocate(bytes, 64).fill((byte) -1), address);
      }
      return address;
    }

    @Override
    public void free(long address, long bytes) {
      memory.free(address, bytes);
    }

    @Override
    public long limit() {
      return memory.limit();
    }

    @Override
    public void copyIn(MemorySegment source, long target) {
      memory.copyIn(source, target);
    }

    @Override
    public void copyOut(long source, MemorySegment target) {
      memory.copyOut(source, target);
    }
  }
}
