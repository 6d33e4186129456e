package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.TensorBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Writes a zip archive as PyTorch does: nothing compressed, every record's content at a multiple of
 * 64 bytes, 64-bit sizes and offsets only where 32 bits do not do. All times are the first that zip
 * knows.
 */
final class ZipWriter {
  /** From this size or offset on, 64 bits are written. */
  static final long ZIP64_FROM = 0xffffffffL;

  private static final int ALIGNMENT = 64;
  private static final short PADDING = 0x4246; // "FB", as in PyTorch's files
  private static final short EXTRA64 = 1;
  private static final short VERSION = 20;
  private static final short VERSION64 = 45;
  private static final short UTF_8 = 1 << 11;
  private static final short JANUARY_1980 = 1 << 5 | 1;

  private record Entry(byte[] name, long size, long at, int crc) {}

  private final FileChannel out;
  private final long zip64From;
  private final List<Entry> entries = new ArrayList<>();
  private long at;

  /**
   * Begins an archive.
   *
   * @param zip64From {@link #ZIP64_FROM}, or less in a test
   */
  ZipWriter(FileChannel out, long zip64From) {
    this.out = out;
    this.zip64From = zip64From;
  }

  /** Adds a small record. */
  void add(String name, byte[] content) throws IOException {
    add(name, content.length, sink -> sink.take(ByteBuffer.wrap(content)));
  }

  /**
   * Adds a record.
   *
   * @param size bytes of {@code content}
   */
  void add(String name, long size, TensorBytes content) throws IOException {
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    long header = at;
    int extra64 = size >= zip64From ? 20 : 0;
    long least = header + 30 + nameBytes.length + extra64 + 4;
    int padding = (int) Math.floorMod(-least, (long) ALIGNMENT);
    at = least + padding;
    long begin = at;
    CRC32 crc = new CRC32();
    content.forEach(piece -> {
      crc.update(piece.duplicate());
      write(piece);
    });
    if (at - begin != size) {
      throw new IllegalStateException("%s: %s bytes came of %s".formatted(name, at - begin, size));
    }
    Entry entry = new Entry(nameBytes, size, header, (int) crc.getValue());
    entries.add(entry);
    at = header; // the checksum is known now, so the header is written last
    write(local(entry, extra64, padding));
    at = begin + size;
  }

  private ByteBuffer local(Entry entry, int extra64, int padding) {
    ByteBuffer header = little(30 + entry.name.length + extra64 + 4 + padding);
    header.putInt(0x04034b50);
    common(header, entry, extra64 > 0);
    header.putShort((short) entry.name.length).putShort((short) (extra64 + 4 + padding));
    header.put(entry.name);
    if (extra64 > 0) {
      header.putShort(EXTRA64).putShort((short) 16).putLong(entry.size).putLong(entry.size);
    }
    header.putShort(PADDING).putShort((short) padding);
    return header.clear();
  }

  private void common(ByteBuffer header, Entry entry, boolean sizes64) {
    header.putShort(sizes64 ? VERSION64 : VERSION).putShort(UTF_8).putShort((short) 0);
    header.putShort((short) 0).putShort(JANUARY_1980).putInt(entry.crc);
    int size = sizes64 ? -1 : (int) entry.size;
    header.putInt(size).putInt(size);
  }

  private ByteBuffer central(Entry entry) {
    boolean sizes64 = entry.size >= zip64From;
    boolean offset64 = entry.at >= zip64From;
    int fields = (sizes64 ? 16 : 0) + (offset64 ? 8 : 0);
    int extra = fields > 0 ? fields + 4 : 0;
    ByteBuffer header = little(46 + entry.name.length + extra);
    header.putInt(0x02014b50).putShort(fields > 0 ? VERSION64 : VERSION);
    common(header, entry, sizes64);
    header.putShort((short) entry.name.length).putShort((short) extra);
    header.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
    header.putInt(offset64 ? -1 : (int) entry.at);
    header.put(entry.name);
    if (fields > 0) {
      header.putShort(EXTRA64).putShort((short) fields);
      if (sizes64) {
        header.putLong(entry.size).putLong(entry.size);
      }
      if (offset64) {
        header.putLong(entry.at);
      }
    }
    return header.clear();
  }

  /** Writes the directory. */
  void finish() throws IOException {
    long directory = at;
    for (Entry entry : entries) {
      write(central(entry));
    }
    long size = at - directory;
    boolean large = directory >= zip64From || size >= zip64From || entries.size() >= 0xffff;
    if (large) {
      long end64 = at;
      ByteBuffer end = little(56 + 20);
      end.putInt(0x06064b50).putLong(44).putShort(VERSION64).putShort(VERSION64);
      end.putInt(0).putInt(0).putLong(entries.size()).putLong(entries.size());
      end.putLong(size).putLong(directory);
      end.putInt(0x07064b50).putInt(0).putLong(end64).putInt(1);
      write(end.clear());
    }
    short count = (short) Math.min(0xffff, entries.size());
    ByteBuffer end = little(22);
    end.putInt(0x06054b50).putInt(0).putShort(count).putShort(count);
    end.putInt(large ? -1 : (int) size).putInt(large ? -1 : (int) directory).putShort((short) 0);
    write(end.clear());
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      at += out.write(bytes, at);
    }
  }
}
