package dev.tenzing.engine;

/**
 * A block of device memory that one tensor and its views share; it goes back to its owner with the
 * last of them.
 */
final class Storage {
  /** Where a block came from. */
  @FunctionalInterface
  interface Owner {
    /** Takes back a block that is no longer used. */
    void free(Block block);
  }

  final Owner owner;
  final long address;
  private final Block block;
  private int references = 1;

  Storage(Owner owner, Block block) {
    this.owner = owner;
    this.block = block;
    this.address = block.address;
  }

  private Storage(long address) {
    this.owner = unused -> {};
    this.block = null;
    this.address = address;
  }

  /** A place in memory that belongs to another block, which is kept by other means. */
  static Storage within(long address) {
    return new Storage(address);
  }

  Storage share() {
    references++;
    return this;
  }

  void release() {
    if (--references == 0) {
      owner.free(block);
    }
  }
}
