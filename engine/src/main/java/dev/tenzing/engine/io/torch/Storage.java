package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.TensorBytes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/** The bytes that tensors are views of. */
final class Storage {
  private final String label;
  private final MemorySegment bytes;
  private final ByteOrder order;
  private final int crc;
  private volatile boolean verified;

  /**
   * A storage.
   *
   * @param label what messages call it
   * @param order of the bytes of an element
   * @param crc CRC-32 of the bytes, or 0 when it is not known
   */
  Storage(String label, MemorySegment bytes, ByteOrder order, int crc) {
    this.label = label;
    this.bytes = bytes;
    this.order = order;
    this.crc = crc;
    this.verified = crc == 0;
  }

  String label() {
    return label;
  }

  long byteSize() {
    return bytes.byteSize();
  }

  ByteOrder order() {
    return order;
  }

  /** Its bytes, whose checksum is compared when they are asked for the first time. */
  MemorySegment bytes(Complaints complaints) {
    if (!verified) {
      if (crc(bytes) != crc) {
        throw complaints.damaged(label + " has bytes that do not give its checksum");
      }
      verified = true;
    }
    return bytes;
  }

  /** CRC-32 of {@code bytes}. */
  static int crc(MemorySegment bytes) {
    CRC32 crc = new CRC32();
    for (long from = 0; from < bytes.byteSize(); from += TensorBytes.CHUNK) {
      long size = Math.min(TensorBytes.CHUNK, bytes.byteSize() - from);
      crc.update(bytes.asSlice(from, size).asByteBuffer());
    }
    return (int) crc.getValue();
  }
}
