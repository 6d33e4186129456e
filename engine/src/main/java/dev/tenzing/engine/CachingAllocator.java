package dev.tenzing.engine;

import dev.tenzing.engine.BlockCache.Block;
import dev.tenzing.engine.kernel.RawMemory;

/**
 * Device memory in blocks that are kept for reuse: the steps of a training run ask for the same
 * sizes again and again, so after the first step nothing is taken from the system any more.
 *
 * <p>Sizes are rounded up to one of eight steps between powers of two, which wastes at most an
 * eighth and lets buffers of nearly equal size stand in for each other. A request takes the
 * smallest cached block that fits without wasting more than half of it. When the system has no more
 * room the cache is emptied and the request tried again.
 */
final class CachingAllocator implements Storage.Owner {
  private static final long SMALLEST = 256;
  // No system has this much, and sizes below it round up without overflow.
  private static final long LARGEST = 1L << 60;

  private final String device;
  private final RawMemory memory;
  private final BlockCache cached = new BlockCache();
  private long current;
  private long peak;
  private long reserved;

  CachingAllocator(String device, RawMemory memory) {
    this.device = device;
    this.memory = memory;
  }

  Storage allocate(long bytes) {
    Block block = cached.take(round(bytes));
    if (block == null) {
      block = fromSystem(bytes);
    }
    count(block.bytes());
    return new Storage(this, block.address(), block.bytes());
  }

  /**
   * A new block that nobody counts as used yet.
   *
   * @throws OutOfDeviceMemoryException when there is no room even with an empty cache
   */
  Block fromSystem(long bytes) {
    long rounded = round(bytes);
    long address = takeFromSystem(rounded);
    if (address == 0) {
      trim();
      address = takeFromSystem(rounded);
    }
    if (address == 0) {
      throw new OutOfDeviceMemoryException(device, bytes, usage(), memory.limit());
    }
    reserved += rounded;
    return new Block(address, rounded);
  }

  private long takeFromSystem(long bytes) {
    return bytes > memory.limit() - reserved ? 0 : memory.allocate(bytes);
  }

  /** Counts a block as used. */
  void count(long bytes) {
    current += bytes;
    peak = Math.max(peak, current);
  }

  /** Takes back a block that was counted as used. */
  @Override
  public void free(long address, long bytes) {
    current -= bytes;
    cached.put(new Block(address, bytes));
  }

  /** Hands every cached block over to another cache. */
  void lend(BlockCache borrower) {
    move(cached, borrower);
  }

  /** Takes back blocks that were lent and are not counted as used. */
  void takeBack(BlockCache borrower) {
    move(borrower, cached);
  }

  private static void move(BlockCache from, BlockCache to) {
    for (Block block = from.takeAny(); block != null; block = from.takeAny()) {
      to.put(block);
    }
  }

  /** Gives every cached block back to the system. */
  void trim() {
    for (Block block = cached.takeAny(); block != null; block = cached.takeAny()) {
      memory.free(block.address(), block.bytes());
      reserved -= block.bytes();
    }
  }

  MemoryUsage usage() {
    return new MemoryUsage(current, peak, reserved);
  }

  void resetPeak() {
    peak = current;
  }

  /** The size of the block that serves a request. */
  static long round(long bytes) {
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
