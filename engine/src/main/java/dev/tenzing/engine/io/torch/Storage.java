package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.FileBytes;
import dev.tenzing.engine.io.StoredTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/** The bytes that tensors are views of. */
final class Storage {
  private static final int PIECE = 1 << 20;

  private final String label;
  private final StoredTensor.Source source;
  private final long byteSize;
  private final ByteOrder order;
  private final int crc;
  private volatile boolean verified;

  private Storage(
      String label, StoredTensor.Source source, long byteSize, ByteOrder order, int crc) {
    this.label = label;
    this.source = source;
    this.byteSize = byteSize;
    this.order = order;
    this.crc = crc;
    this.verified = crc == 0;
  }

  /**
   * A storage in a file.
   *
   * @param label what messages call it
   * @param range where it lies
   * @param order of the bytes of an element
   * @param crc CRC-32 of the bytes, or 0 when it is not known
   */
  static Storage in(FileBytes file, String label, Range range, ByteOrder order, int crc) {
    return new Storage(
        label, (at, into) -> file.read(range.begin() + at, into), range.size(), order, crc);
  }

  /** A storage in the pickle itself. */
  static Storage of(byte[] bytes, String label, ByteOrder order) {
    MemorySegment segment = MemorySegment.ofArray(bytes);
    return new Storage(
        label,
        (at, into) -> into.copyFrom(segment.asSlice(at, into.byteSize())),
        bytes.length,
        order,
        0);
  }

  String label() {
    return label;
  }

  long byteSize() {
    return byteSize;
  }

  ByteOrder order() {
    return order;
  }

  /** Reads bytes; the checksum of all is compared when it happens for the first time. */
  void read(long at, MemorySegment into, Complaints complaints) {
    verify(complaints);
    source.read(at, into);
  }

  /** Compares the checksum, unless that was done. */
  void verify(Complaints complaints) {
    if (verified) {
      return;
    }
    CRC32 sum = new CRC32();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(Math.min(PIECE, byteSize), 64);
      for (long from = 0; from < byteSize; from += PIECE) {
        MemorySegment piece = buffer.asSlice(0, Math.min(PIECE, byteSize - from));
        source.read(from, piece);
        sum.update(piece.asByteBuffer());
      }
    }
    if ((int) sum.getValue() != crc) {
      throw complaints.damaged(label + " has bytes that do not give its checksum");
    }
    verified = true;
  }
}
