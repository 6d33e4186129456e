package dev.tenzing.engine;

import dev.tenzing.engine.kernel.RawMemory;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;

/**
 * Device memory in blocks that are kept for reuse: the steps of a training run ask for the same
 * sizes again and again, so after the first step nothing is taken from the system any more.
 *
 * <p>Sizes are rounded up to one of eight steps between powers of two, which wastes at most an
 * eighth and lets buffers of nearly equal size stand in for each other. A request takes the
 * smallest cached block that fits without wasting more than half of it. When the system has no more
 * room the cache is emptied and the request tried again.
 */
final class CachingAllocator {
  private static final long SMALLEST = 256;
  // No system has this much, and sizes below it round up without overflow.
  private static final long LARGEST = 1L << 60;

  private final String device;
  private final RawMemory memory;
  private final TreeMap<Long, ArrayDeque<Long>> cached = new TreeMap<>();
  private long current;
  private long peak;
  private long reserved;

  CachingAllocator(String device, RawMemory memory) {
    this.device = device;
    this.memory = memory;
  }

  Storage allocate(long bytes) {
    long rounded = round(Math.max(bytes, 1));
    Map.Entry<Long, ArrayDeque<Long>> entry = cached.ceilingEntry(rounded);
    if (entry != null && entry.getKey() <= 2 * rounded) {
      long size = entry.getKey();
      long address = entry.getValue().pop();
      if (entry.getValue().isEmpty()) {
        cached.remove(size);
      }
      return live(address, size);
    }
    long address = takeFromSystem(rounded);
    if (address == 0) {
      trim();
      address = takeFromSystem(rounded);
    }
    if (address == 0) {
      throw new OutOfDeviceMemoryException(device, bytes, usage(), memory.limit());
    }
    reserved += rounded;
    return live(address, rounded);
  }

  private long takeFromSystem(long bytes) {
    return bytes > memory.limit() - reserved ? 0 : memory.allocate(bytes);
  }

  private Storage live(long address, long bytes) {
    current += bytes;
    peak = Math.max(peak, current);
    return new Storage(this, address, bytes);
  }

  void free(long address, long bytes) {
    current -= bytes;
    cached.computeIfAbsent(bytes, size -> new ArrayDeque<>()).push(address);
  }

  /** Gives every cached block back to the system. */
  void trim() {
    cached.forEach((bytes, addresses) -> {
      for (long address : addresses) {
        memory.free(address, bytes);
        reserved -= bytes;
      }
    });
    cached.clear();
  }

  MemoryUsage usage() {
    return new MemoryUsage(current, peak, reserved);
  }

  void resetPeak() {
    peak = current;
  }

  private static long round(long bytes) {
    if (bytes <= SMALLEST) {
      return SMALLEST;
    }
    if (bytes > LARGEST) {
      return Long.MAX_VALUE;
    }
    long step = Math.max(64, Long.highestOneBit(bytes - 1) / 8);
    return (bytes + step - 1) / step * step;
  }
}
