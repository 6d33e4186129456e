package dev.tenzing.engine.host;

import dev.tenzing.engine.kernel.RawMemory;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/**
 * Native memory of this process, from the C library: unlike an {@link java.lang.foreign.Arena} it
 * does not write zeros, so that the system commits pages only when a tensor first touches them.
 */
public final class HostMemory implements RawMemory {
  /** A cache line, and the width of the widest vector. */
  private static final long ALIGNMENT = 64;

  private static final MethodHandle MALLOC =
      function("malloc", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  private static final MethodHandle FREE =
      function("free", FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));

  // What malloc gave, by the aligned address within it.
  private final Map<Long, Long> blocks = new HashMap<>();
  private final long limit;

  /** Memory of which nine tenths of what the machine has may be taken. */
  public HostMemory() {
    limit = physicalBytes() / 10 * 9;
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }

  private static long physicalBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  @Override
  public long allocate(long bytes) {
    long given = malloc(bytes + ALIGNMENT);
    if (given == 0) {
      return 0;
    }
    long address = (given + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    blocks.put(address, given);
    return address;
  }

  private static long malloc(long bytes) {
    try {
      return (long) MALLOC.invokeExact(bytes);
    } catch (Throwable e) {
      throw new AssertionError("malloc throws nothing", e);
    }
  }

  @Override
  public void free(long address, long bytes) {
    try {
      FREE.invokeExact((long) blocks.remove(address));
    } catch (Throwable e) {
      throw new AssertionError("free throws nothing", e);
    }
  }

  @Override
  public long limit() {
    return limit;
  }

  @Override
  public void copyIn(MemorySegment source, long target) {
    MemorySegment.copy(source, 0, Native.ALL, target, source.byteSize());
  }

  @Override
  public void copyOut(long source, MemorySegment target) {
    MemorySegment.copy(Native.ALL, source, target, 0, target.byteSize());
  }
}
