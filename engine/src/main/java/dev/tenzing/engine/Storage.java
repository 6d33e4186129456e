package dev.tenzing.engine;

/**
 * A block of device memory that one tensor and its views share; it goes back to the allocator with
 * the last of them.
 */
final class Storage {
  private final CachingAllocator allocator;
  final long address;
  final long bytes;
  private int references = 1;

  Storage(CachingAllocator allocator, long address, long bytes) {
    this.allocator = allocator;
    this.address = address;
    this.bytes = bytes;
  }

  Storage share() {
    references++;
    return this;
  }

  void release() {
    if (--references == 0) {
      allocator.free(address, bytes);
    }
  }
}
