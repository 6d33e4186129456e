package dev.tenzing.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.kernel.RawMemory;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CachingAllocatorTest {
  private static final long MIB = 1 << 20;

  /** A system that hands out numbers instead of memory. */
  private static final class FakeMemory implements RawMemory {
    private final long limit;
    private final Map<Long, Long> blocks = new HashMap<>();
    private long next = 64;
    private int requests;

    FakeMemory(long limit) {
      this.limit = limit;
    }

    @Override
    public long allocate(long bytes) {
      requests++;
      assertEquals(0, bytes % 64, "sizes keep the alignment");
      next += bytes;
      blocks.put(next - bytes, bytes);
      return next - bytes;
    }

    @Override
    public void free(long address, long bytes) {
      assertEquals(bytes, blocks.remove(address), "a block is returned once, with its size");
    }

    @Override
    public long limit() {
      return limit;
    }

    @Override
    public void copyIn(MemorySegment source, long target) {
      throw new AssertionError();
    }

    @Override
    public void copyOut(long source, MemorySegment target) {
      throw new AssertionError();
    }
  }

  @Test
  void afterTheFirstStepNothingIsTakenFromTheSystem() {
    FakeMemory system = new FakeMemory(100 * MIB);
    CachingAllocator allocator = new CachingAllocator("cpu", system);
    for (int step = 0; step < 3; step++) {
      Storage[] made = new Storage[50];
      for (int i = 0; i < made.length; i++) {
        made[i] = allocator.allocate(1 + i * 1001L);
      }
      for (Storage storage : made) {
        storage.release();
      }
      assertEquals(50, system.requests);
      assertEquals(0, allocator.usage().current());
    }
  }

  @Test
  void buffersOfNearlyEqualSizeStandInForEachOther() {
    FakeMemory system = new FakeMemory(100 * MIB);
    CachingAllocator allocator = new CachingAllocator("cpu", system);
    allocator.allocate(10 * MIB).release();
    Storage smaller = allocator.allocate(6 * MIB);
    assertEquals(1, system.requests, "more than half is used");
    Storage other = allocator.allocate(6 * MIB);
    assertEquals(2, system.requests, "it is taken");
    assertNotEquals(smaller.address, other.address);
    smaller.release();
    allocator.allocate(4 * MIB);
    assertEquals(3, system.requests, "less than half would be used");
  }

  @Test
  void roundingWastesAtMostAnEighth() {
    CachingAllocator allocator = new CachingAllocator("cpu", new FakeMemory(Long.MAX_VALUE));
    for (long bytes = 512; bytes < 1L << 40; bytes = bytes * 3 / 2 + 1) {
      Storage storage = allocator.allocate(bytes);
      assertTrue(storage.bytes >= bytes && storage.bytes <= bytes + bytes / 8 + 64, "of " + bytes);
    }
  }

  @Test
  void currentAndPeakAreCounted() {
    CachingAllocator allocator = new CachingAllocator("cpu", new FakeMemory(100 * MIB));
    Storage a = allocator.allocate(8 * MIB);
    Storage b = allocator.allocate(4 * MIB);
    b.share();
    a.release();
    b.release();
    assertEquals(new MemoryUsage(4 * MIB, 12 * MIB, 12 * MIB), allocator.usage());
    b.release();
    allocator.resetPeak();
    assertEquals(new MemoryUsage(0, 0, 12 * MIB), allocator.usage());
    allocator.trim();
    assertEquals(new MemoryUsage(0, 0, 0), allocator.usage());
  }

  @Test
  void theCacheIsEmptiedBeforeMemoryIsRefused() {
    FakeMemory system = new FakeMemory(10 * MIB);
    CachingAllocator allocator = new CachingAllocator("cpu", system);
    allocator.allocate(2 * MIB).release();
    allocator.allocate(7 * MIB).release();
    Storage large = allocator.allocate(10 * MIB);
    assertEquals(1, system.blocks.size());
    OutOfDeviceMemoryException e =
        assertThrows(OutOfDeviceMemoryException.class, () -> allocator.allocate(MIB / 2));
    assertEquals(
        "cpu is out of memory: asked for 0.5 MiB with 10.0 MiB in use (peak 10.0 MiB) of 10.0 MiB;"
            + " a smaller batch, gradient accumulation, recompute or a smaller model lowers it",
        e.getMessage());
    large.release();
    allocator.allocate(MIB / 2);
  }

  @Test
  void absurdSizesAreOutOfMemoryToo() {
    try (Device device = Device.cpu(1)) {
      for (long n : new long[] {1L << 40, 1L << 60, Long.MAX_VALUE}) {
        assertThrows(OutOfDeviceMemoryException.class, () -> device.empty(n));
      }
      assertEquals(0, device.memory().reserved());
    }
  }
}
