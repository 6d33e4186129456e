package dev.tenzing.engine;

import dev.tenzing.engine.Block.Use;

/**
 * Memory of what captured steps compute. A replay writes to the addresses of its capture, so while
 * there are captured steps these blocks serve nothing else, and count as used whether a tensor
 * lives in them or not.
 *
 * <p>All captured steps of a device share one pool: they run one after the other on one stream, and
 * nothing in it outlives a replay but gradients. Those take memory that activations have left, like
 * outside of captures; it serves no other captured step, only the activations of their own, which
 * overwrite it when the gradients have been cleared.
 *
 * <p>A capture starts with all that the device has cached for steps, which is just what the same
 * step left there when it ran before; blocks that it does not touch go back afterwards.
 */
final class GraphPool implements Storage.Owner {
  private final CachingAllocator allocator;
  // Free blocks: those that captured steps use, and, during a capture, those that are borrowed.
  private final BlockCache own = new BlockCache();
  private final BlockCache borrowed = new BlockCache();
  private final Storage.Owner gradients = this::putBack;
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
    alive++;
    return new Storage(this, block(bytes));
  }

  /** Memory for a gradient, which is there for others to read after a replay. */
  Storage allocateGradient(long bytes) {
    return new Storage(gradients, block(bytes));
  }

  private Block block(long bytes) {
    Use use = CachingAllocator.use(bytes, false);
    long rounded = CachingAllocator.round(bytes);
    Block block = own.take(use, rounded);
    if (block == null) {
      block = borrowed.take(use, rounded);
      block = block == null ? fromSystem(use, bytes) : block;
      allocator.count(block.bytes);
    }
    return block;
  }

  private Block fromSystem(Use use, long bytes) {
    allocator.takeBack(borrowed);
    try {
      return allocator.fromSystem(use, bytes);
    } finally {
      allocator.lend(borrowed);
    }
  }

  @Override
  public void free(Block block) {
    alive--;
    putBack(block);
  }

  private void putBack(Block block) {
    if (closed) {
      allocator.free(block);
    } else {
      own.put(block);
    }
  }

  /** Whether memory is of this pool. */
  boolean owns(Storage storage) {
    return storage.owner == this || storage.owner == gradients;
  }

  /** The capture has ended. */
  void seal() {
    allocator.takeBack(borrowed);
  }

  /** Blocks that tensors live in, gradients aside. */
  int alive() {
    return alive;
  }

  /** No captured step is left: everything serves all again, what is alive when it is freed. */
  void close() {
    closed = true;
    own.takeAll(block -> true).forEach(allocator::free);
  }
}
