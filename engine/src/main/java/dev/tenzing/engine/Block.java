package dev.tenzing.engine;

/**
 * A piece of device memory. The pieces of a segment, which is what was taken from the system at
 * once, are linked in the order of their addresses, so that free neighbours become one again.
 */
final class Block {
  /** What a segment's pieces are for. */
  enum Use {
    /** Tensors of at most {@link CachingAllocator#SMALL} bytes. */
    SMALL,
    /** What lives for many steps: parameters and moments. */
    LASTING,
    /** What a step makes and gives back, so that the next one finds whole segments. */
    PASSING
  }

  final Use use;
  final int segment;
  final long offset;
  final long address;
  long bytes;
  Block before;
  Block after;
  // The cache in which it waits to be used; null while it is in use.
  BlockCache home;

  /** A whole segment; segments are numbered in the order in which they were taken. */
  Block(Use use, int segment, long address, long bytes) {
    this(use, segment, 0, address, bytes);
  }

  private Block(Use use, int segment, long offset, long address, long bytes) {
    this.use = use;
    this.segment = segment;
    this.offset = offset;
    this.address = address;
    this.bytes = bytes;
  }

  boolean isWholeSegment() {
    return before == null && after == null;
  }

  /** Cuts off and returns what is beyond the first {@code kept} bytes. */
  Block cutOff(long kept) {
    Block rest = new Block(use, segment, offset + kept, address + kept, bytes - kept);
    rest.before = this;
    rest.after = after;
    if (after != null) {
      after.before = rest;
    }
    after = rest;
    bytes = kept;
    return rest;
  }

  /** Takes in the block after this one. */
  void join() {
    bytes += after.bytes;
    after = after.after;
    if (after != null) {
      after.before = this;
    }
  }
}
