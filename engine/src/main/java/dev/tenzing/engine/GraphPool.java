package dev.tenzing.engine;

import dev.tenzing.engine.BlockCache.Block;

/**
 * Memory of what captured steps compute. A replay writes to the addresses of its capture, so while
 * there are captured steps these blocks serve nothing else, and count as used whether a tensor
 * lives in them or not.
 *
 * <p>All captured steps of a device share one pool: they run one after the other on one stream, and
 * nothing in it outlives a replay.
 *
 * <p>A capture starts with all that the device has cached, which is just what the same step left
 * there when it ran before; blocks that it does not touch go back afterwards.
 */
final class GraphPool implements Storage.Owner {
  private final CachingAllocator allocator;
  // Free blocks: those that captured steps use, and, during a capture, those that are borrowed.
  private final BlockCache own = new BlockCache();
  private final BlockCache borrowed = new BlockCache();
  private int alive;
  private boolean closed;

  GraphPool(CachingAllocator allocator) {
    this.allocator = allocator;
  }

  /** A capture begins. */
  void open() {
    allocator.lend(borrowed);
  }

  Storage allocate(long bytes) {
    long rounded = CachingAllocator.round(bytes);
    Block block = own.take(rounded);
    if (block == null) {
      block = borrowed.take(rounded);
      block = block == null ? allocator.fromSystem(bytes) : block;
      allocator.count(block.bytes());
    }
    alive++;
    return new Storage(this, block.address(), block.bytes());
  }

  @Override
  public void free(long address, long bytes) {
    alive--;
    if (closed) {
      allocator.free(address, bytes);
    } else {
      own.put(new Block(address, bytes));
    }
  }

  /** The capture has ended. */
  void seal() {
    allocator.takeBack(borrowed);
  }

  /** Blocks that tensors live in. */
  int alive() {
    return alive;
  }

  /** No captured step is left: everything serves all again, what is alive when it is freed. */
  void close() {
    closed = true;
    for (Block block = own.takeAny(); block != null; block = own.takeAny()) {
      allocator.free(block.address(), block.bytes());
    }
  }
}
