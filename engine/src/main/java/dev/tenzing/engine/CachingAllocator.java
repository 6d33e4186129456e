package dev.tenzing.engine;

import dev.tenzing.engine.Block.Use;
import dev.tenzing.engine.kernel.RawMemory;

/**
 * Device memory that is kept for reuse: the steps of a training run ask for the same sizes again
 * and again, so after the first step nothing is taken from the system any more.
 *
 * <p>Memory is taken in segments and handed out in blocks, each cut from the smallest free one that
 * is large enough; free neighbours become one again. So memory that was a large activation serves
 * the small gradients that come later, and what a step takes is near the most that was in use at
 * once. Small tensors, what lasts and what passes have segments of their own: a tensor that stays
 * would cut the space of those that come and go. When the system has no more room, segments without
 * a used block go back to it and the request is tried again.
 */
final class CachingAllocator implements Storage.Owner {
  /** Tensors of at most this many bytes are small: statistics, biases, indices. */
  static final long SMALL = 64L << 10;

  // Every address is a multiple of it, as those of a GPU's driver are.
  private static final long ALIGNMENT = 256;
  private static final long SMALL_SEGMENT = 1L << 20;
  // Others grow with what has been taken. Where memory is committed when it is first touched, as on
  // a CPU, the unused end of one costs nothing.
  private static final long FIRST_SEGMENT = 2L << 20;
  private static final long LARGEST_SEGMENT = 64L << 20;
  // No system has this much, and sizes below it round up without overflow.
  private static final long LARGEST = 1L << 60;

  private final String device;
  private final RawMemory memory;
  private final BlockCache cached = new BlockCache();
  private int segments;
  private long current;
  private long peak;
  private long reserved;

  CachingAllocator(String device, RawMemory memory) {
    this.device = device;
    this.memory = memory;
  }

  Storage allocate(long bytes, boolean lasting) {
    Use use = use(bytes, lasting);
    Block block = cached.take(use, round(bytes));
    if (block == null) {
      block = fromSystem(use, bytes);
    }
    count(block.bytes);
    return new Storage(this, block);
  }

  /**
   * A block of a new segment, cut to size, that nobody counts as used yet; the rest of the segment
   * is cached.
   *
   * @throws OutOfDeviceMemoryException when there is no room even with an empty cache
   */
  Block fromSystem(Use use, long bytes) {
    long rounded = round(bytes);
    long preferred = Math.max(rounded, segmentSize(use));
    Block segment = takeFromSystem(use, preferred);
    if (segment == null) {
      trim();
      segment = takeFromSystem(use, preferred);
    }
    if (segment == null) {
      segment = takeFromSystem(use, rounded);
    }
    if (segment == null) {
      segment = cached.takeOfAnyUse(rounded);
    }
    if (segment == null) {
      throw new OutOfDeviceMemoryException(device, bytes, usage(), memory.limit());
    }
    if (segment.bytes > rounded) {
      cached.put(segment.cutOff(rounded));
    }
    return segment;
  }

  private long segmentSize(Use use) {
    return use == Use.SMALL
        ? SMALL_SEGMENT
        : round(Math.clamp(reserved / 4, FIRST_SEGMENT, LARGEST_SEGMENT));
  }

  private Block takeFromSystem(Use use, long bytes) {
    long address = bytes > memory.limit() - reserved ? 0 : memory.allocate(bytes);
    if (address == 0) {
      return null;
    }
    reserved += bytes;
    return new Block(use, segments++, address, bytes);
  }

  /** Counts a block as used. */
  void count(long bytes) {
    current += bytes;
    peak = Math.max(peak, current);
  }

  /** Takes back a block that was counted as used. */
  @Override
  public void free(Block block) {
    current -= block.bytes;
    cached.put(block);
  }

  /** Hands what is cached for steps over to another cache. */
  void lend(BlockCache borrower) {
    cached.takeAll(block -> block.use != Use.LASTING).forEach(borrower::put);
  }

  /** Takes back blocks that were lent and are not counted as used. */
  void takeBack(BlockCache borrower) {
    borrower.takeAll(block -> true).forEach(cached::put);
  }

  /** Gives every segment of which no block is used back to the system. */
  void trim() {
    for (Block segment : cached.takeAll(Block::isWholeSegment)) {
      memory.free(segment.address, segment.bytes);
      reserved -= segment.bytes;
    }
  }

  MemoryUsage usage() {
    return new MemoryUsage(current, peak, reserved);
  }

  void resetPeak() {
    peak = current;
  }

  /** What a tensor's block is for. */
  static Use use(long bytes, boolean lasting) {
    return bytes <= SMALL ? Use.SMALL : lasting ? Use.LASTING : Use.PASSING;
  }

  /** The size of the block that serves a request. */
  static long round(long bytes) {
    if (bytes > LARGEST) {
      return Long.MAX_VALUE;
    }
    return Math.max(1, Math.ceilDiv(bytes, ALIGNMENT)) * ALIGNMENT;
  }
}
