package dev.tenzing.engine.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Raw memory of a back end and copies to and from the host. Addresses are 64-byte aligned at least.
 */
public interface RawMemory {
  /** Address of {@code bytes} new bytes with unspecified content, or 0 when there is no room. */
  long allocate(long bytes);

  /** Returns a block to the system. */
  void free(long address, long bytes);

  /** Bytes that tensors may take in all. */
  long limit();

  /** Copies host memory to the device; the source may be reused at return. */
  void copyIn(MemorySegment source, long target);

  /** Copies device memory to the host; the data is there at return. */
  void copyOut(long source, MemorySegment target);
}
