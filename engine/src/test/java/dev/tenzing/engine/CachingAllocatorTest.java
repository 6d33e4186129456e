package dev.tenzing.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
    FakeMemory system = new FakeMemory(1000 * MIB);
    CachingAllocator allocator = new CachingAllocator("cpu", system);
    int requests = 0;
    long[] first = new long[50];
    for (int step = 0; step < 3; step++) {
      Storage[] made = new Storage[first.length];
      for (int i = 0; i < made.length; i++) {
        made[i] = allocator.allocate(1 + i * 100_001L, false);
        first[i] = step == 0 ? made[i].address : first[i];
        assertEquals(first[i], made[i].address, "steps are alike");
      }
      for (Storage storage : made) {
        storage.release();
      }
      requests = step == 0 ? system.requests : requests;
      assertEquals(requests, system.requests);
      assertEquals(0, allocator.usage().current());
    }
  }

  @Test
  void memoryIsCutAndBecomesWholeAgain() {
    CachingAllocator allocator = new CachingAllocator("cpu", new FakeMemory(64 * MIB));
    allocator.allocate(64 * MIB, false).release();
    for (int order = 0; order < 6; order++) {
      Storage[] parts = new Storage[3];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = allocator.allocate(21 * MIB, false);
      }
      assertThrows(OutOfDeviceMemoryException.class, () -> allocator.allocate(2 * MIB, false));
      int first = order / 2;
      int second = (first + 1 + order % 2) % 3;
      parts[first].release();
      parts[second].release();
      parts[3 - first - second].release();
      allocator.allocate(64 * MIB, false).release();
    }
  }

  @Test
  void theSmallestSpaceThatFitsIsTaken() {
    CachingAllocator allocator = new CachingAllocator("cpu", new FakeMemory(1000 * MIB));
    allocator.allocate(200 * MIB, false);
    Storage large = allocator.allocate(20 * MIB, false);
    allocator.allocate(MIB, false);
    Storage small = allocator.allocate(3 * MIB, false);
    allocator.allocate(MIB, false);
    large.release();
    small.release();
    assertEquals(small.address, allocator.allocate(2 * MIB, false).address);
    assertEquals(large.address, allocator.allocate(4 * MIB, false).address);
  }

  @Test
  void whatLastsDoesNotCutTheSpaceOfWhatPasses() {
    CachingAllocator allocator = new CachingAllocator("cpu", new FakeMemory(1000 * MIB));
    allocator.allocate(64 * MIB, false).release();
    allocator.allocate(10 * MIB, true);
    allocator.allocate(100, false);
    long reserved = allocator.usage().reserved();
    allocator.allocate(64 * MIB, false);
    assertEquals(reserved, allocator.usage().reserved());
  }

  @Test
  void withoutOtherRoomSpaceServesAnyUse() {
    CachingAllocator allocator = new CachingAllocator("cpu", new FakeMemory(64 * MIB));
    Storage kept = allocator.allocate(10 * MIB, true);
    Storage passing = allocator.allocate(50 * MIB, false);
    assertTrue(passing.address > kept.address);
    passing.release();
    allocator.allocate(50 * MIB, true).release();
  }

  @Test
  void roundingWastesNextToNothing() {
    for (long bytes = 1; bytes < 1L << 40; bytes = bytes * 3 / 2 + 1) {
      CachingAllocator allocator = new CachingAllocator("cpu", new FakeMemory(Long.MAX_VALUE));
      allocator.allocate(bytes, false);
      long used = allocator.usage().current();
      assertTrue(used >= bytes && used < bytes + 256, "of " + bytes);
    }
  }

  @Test
  void currentAndPeakAreCounted() {
    CachingAllocator allocator = new CachingAllocator("cpu", new FakeMemory(100 * MIB));
    Storage a = allocator.allocate(8 * MIB, false);
    Storage b = allocator.allocate(4 * MIB, false);
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
    allocator.allocate(2 * MIB, false).release();
    allocator.allocate(7 * MIB, false).release();
    Storage large = allocator.allocate(10 * MIB, false);
    assertEquals(1, system.blocks.size());
    OutOfDeviceMemoryException e =
        assertThrows(OutOfDeviceMemoryException.class, () -> allocator.allocate(MIB / 2, false));
    assertEquals(
        "cpu is out of memory: asked for 0.5 MiB with 10.0 MiB in use (peak 10.0 MiB) of 10.0 MiB;"
            + " a smaller batch, gradient accumulation, recompute or a smaller model lowers it",
        e.getMessage());
    large.release();
    allocator.allocate(MIB / 2, false);
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
