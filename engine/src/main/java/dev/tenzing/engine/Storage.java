package dev.tenzing.engine;

/**
 * A block of device memory that one tensor and its views share; it goes back to its owner with the
 * last of them.
 */
final class Storage {
  /** Where a block came from. */
  @FunctionalInterface
  interface Owner {
    /** Takes back a block that nobody uses any more. */
    void free(long address, long bytes);
  }

  final Owner owner;
  final long address;
  final long bytes;
  private int references = 1;

  Storage(Owner owner, long address, long bytes) {
    this.owner = owner;
    this.address = address;
    this.bytes = bytes;
  }

  Storage share() {
    references++;
    return this;
  }

  void release() {
    if (--references == 0) {
      owner.free(address, bytes);
    }
  }
}
