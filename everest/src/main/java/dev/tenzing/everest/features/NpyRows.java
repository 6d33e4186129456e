package dev.tenzing.everest.features;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/**
 * A NumPy file of float32 [rows, width] whose rows come one after the other: format 1.0, little
 * endian, as {@code numpy.load} reads it. How many rows there are is written at the end.
 */
final class NpyRows {
  /** Room for any shape, and a multiple of 64 as the format wants it. */
  static final int HEADER = 128;

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

  private final FileChannel out;
  private final int width;
  private long rows;

  /**
   * @param out an empty file
   */
  NpyRows(FileChannel out, int width) throws IOException {
    this.out = out;
    this.width = width;
    put(header(0), 0);
  }

  /** Bytes of a file of so many rows. */
  static long bytes(long rows, int width) {
    return HEADER + rows * width * Float.BYTES;
  }

  /**
   * Appends rows.
   *
   * @param values [n, width]
   */
  void add(float[] values) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    put(bytes, bytes(rows, width));
    rows += values.length / width;
  }

  /** Completes the header. */
  void finish() throws IOException {
    put(header(rows), 0);
  }

  long rows() {
    return rows;
  }

  private ByteBuffer header(long count) {
    String text =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%s, %s), }".formatted(count, width);
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).putShort((short) (HEADER - MAGIC.length - 2));
    header.put(text.getBytes(StandardCharsets.US_ASCII));
    while (header.remaining() > 1) {
      header.put((byte) ' ');
    }
    return header.put((byte) '\n').flip();
  }

  private void put(ByteBuffer bytes, long at) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes, at + bytes.position());
    }
  }
}
