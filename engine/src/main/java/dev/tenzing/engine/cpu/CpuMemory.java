package dev.tenzing.engine.cpu;

import dev.tenzing.engine.kernel.RawMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/** Native memory of this process, one arena a block. */
final class CpuMemory implements RawMemory {
  private static final long ALIGNMENT = 64;

  private final Map<Long, Arena> blocks = new HashMap<>();
  private final long limit;

  CpuMemory() {
    limit = physicalBytes() / 10 * 9;
  }

  private static long physicalBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  @Override
  public long allocate(long bytes) {
    Arena arena = Arena.ofShared();
    try {
      long address = arena.allocate(bytes, ALIGNMENT).address();
      blocks.put(address, arena);
      return address;
    } catch (OutOfMemoryError e) {
      arena.close();
      return 0;
    }
  }

  @Override
  public void free(long address, long bytes) {
    blocks.remove(address).close();
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
