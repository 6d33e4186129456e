package dev.tenzing.engine.io.torch;

import static dev.tenzing.engine.io.TensorFileException.quote;

import dev.tenzing.engine.io.FileBytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The directory of a zip archive, with Zip64 (PKWARE's APPNOTE 6.3), every record checked to lie
 * alone inside the file.
 */
final class ZipDirectory {
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_SIZE = 30;
  private static final int CENTRAL = 0x02014b50;
  private static final int CENTRAL_SIZE = 46;
  private static final int END = 0x06054b50;
  private static final int END_SIZE = 22;
  private static final int END64 = 0x06064b50;
  private static final int END64_SIZE = 56;
  private static final int LOCATOR = 0x07064b50;
  private static final int LOCATOR_SIZE = 20;
  private static final int EXTRA64 = 1;
  private static final int ENCRYPTED = 1;
  private static final long IN_EXTRA = 0xffffffffL;
  private static final int LONGEST_COMMENT = 0xffff;
  // A model of 100,000 tensors needs 10 MB; more is no directory but an attempt on the heap.
  private static final long LARGEST = 24L << 20;

  /**
   * A record.
   *
   * @param content where its bytes lie, or null when they are compressed or encrypted
   * @param crc its CRC-32, or 0 when it was not computed, which PyTorch allows
   */
  record Entry(Range content, int crc) {
    /** Where the bytes lie of the record {@code name}. */
    Range bytes(String name, Complaints complaints) {
      if (content == null) {
        throw complaints.unsupported(
            "its record %s is compressed or encrypted, which PyTorch never does; unpack it and"
                    .formatted(quote(name))
                + " pack it with `zip -0`");
      }
      return content;
    }
  }

  private record Place(String name, long begin, long end) {}

  /** Part of the file, by positions in the file. */
  private record Window(long begin, ByteBuffer bytes) {
    int u16(long at) {
      return bytes.getShort((int) (at - begin)) & 0xffff;
    }

    int i32(long at) {
      return bytes.getInt((int) (at - begin));
    }

    long u32(long at) {
      return i32(at) & 0xffffffffL;
    }

    long i64(long at) {
      return bytes.getLong((int) (at - begin));
    }

    String text(long at, int length) {
      return new String(bytes.array(), (int) (at - begin), length, StandardCharsets.UTF_8);
    }
  }

  private final FileBytes file;
  private final Complaints complaints;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final List<Place> places = new ArrayList<>();
  private long begin;
  private long end;
  private long count;

  private ZipDirectory(FileBytes file, Complaints complaints) {
    this.file = file;
    this.complaints = complaints;
  }

  /** The records by name, in the order of the directory. */
  static Map<String, Entry> read(FileBytes file, Complaints complaints) {
    ZipDirectory directory = new ZipDirectory(file, complaints);
    directory.locate();
    directory.read();
    return directory.entries;
  }

  private Window window(long at, long count) {
    byte[] bytes = file.bytes(at, (int) count);
    return new Window(at, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
  }

  private void locate() {
    long last = file.size() - END_SIZE;
    long at = last;
    long tailSize = Math.min(file.size(), END_SIZE + LONGEST_COMMENT + LOCATOR_SIZE);
    Window tail = window(file.size() - tailSize, tailSize);
    while (at >= 0
        && last - at <= LONGEST_COMMENT
        && (tail.i32(at) != END || tail.u16(at + 20) != last - at)) {
      at--;
    }
    if (at < 0 || last - at > LONGEST_COMMENT) {
      throw complaints.damaged(
          "it begins as a zip archive but has no directory at its end, so it was cut off");
    }
    count = tail.u16(at + 10);
    long size = tail.u32(at + 12);
    begin = tail.u32(at + 16);
    long after = at;
    if (at >= LOCATOR_SIZE && tail.i32(at - LOCATOR_SIZE) == LOCATOR) {
      after = tail.i64(at - LOCATOR_SIZE + 8);
      boolean inside = after >= 0 && after <= at - LOCATOR_SIZE - END64_SIZE;
      Window end64 = inside ? window(after, END64_SIZE) : null;
      if (end64 == null || end64.i32(after) != END64) {
        throw complaints.damaged("its zip directory has no 64-bit end where one is announced");
      }
      count = end64.i64(after + 32);
      size = end64.i64(after + 40);
      begin = end64.i64(after + 48);
    }
    if (begin < 0 || size < 0 || begin > after || size > after - begin) {
      throw complaints.damaged("its zip directory is said to lie outside the file");
    }
    end = begin + size;
    if (size > LARGEST || count < 0 || count > size / CENTRAL_SIZE) {
      throw complaints.damaged(
          "its zip directory claims %s records in %s bytes"
              .formatted(Long.toUnsignedString(count), size));
    }
  }

  private void read() {
    Window directory = window(begin, end - begin);
    long at = begin;
    for (long i = 0; i < count; i++) {
      if (at > end - CENTRAL_SIZE || directory.i32(at) != CENTRAL) {
        throw complaints.damaged("record %s of its zip directory is none".formatted(i));
      }
      int nameLength = directory.u16(at + 28);
      long extra = at + CENTRAL_SIZE + nameLength;
      long comment = extra + directory.u16(at + 30);
      long next = comment + directory.u16(at + 32);
      if (next > end) {
        throw complaints.damaged("record %s of its zip directory is cut off".formatted(i));
      }
      String name = directory.text(at + CENTRAL_SIZE, nameLength);
      if (!name.endsWith("/")
          && entries.put(name, entry(directory, name, at, extra, comment)) != null) {
        throw complaints.damaged("it has two records " + quote(name));
      }
      at = next;
    }
    places.sort(Comparator.comparingLong(Place::begin));
    for (int i = 1; i < places.size(); i++) {
      if (places.get(i).begin < places.get(i - 1).end) {
        throw complaints.damaged(
            "its records %s and %s overlap"
                .formatted(quote(places.get(i - 1).name), quote(places.get(i).name)));
      }
    }
  }

  private Entry entry(Window directory, String name, long at, long extra, long extraEnd) {
    // Size, compressed size, local header.
    long[] fields = {directory.u32(at + 24), directory.u32(at + 20), directory.u32(at + 42)};
    readExtra64(directory, name, fields, extra, extraEnd);
    long size = fields[1];
    long header = fields[2];
    int nameLength = directory.u16(at + 28);
    Window local =
        header < 0 || header > begin - LOCAL_SIZE
            ? null
            : window(header, Math.min(LOCAL_SIZE + nameLength, begin - header));
    if (local == null || local.i32(header) != LOCAL) {
      throw complaints.damaged(
          "its record %s has no header where the directory says".formatted(quote(name)));
    }
    int localLength = local.u16(header + 26);
    long data = header + LOCAL_SIZE + localLength + local.u16(header + 28);
    if (size < 0 || data > begin || size > begin - data) {
      throw complaints.damaged(
          "its record %s of %s bytes does not fit into the file"
              .formatted(quote(name), Long.toUnsignedString(size)));
    }
    if (localLength != nameLength || !local.text(header + LOCAL_SIZE, nameLength).equals(name)) {
      throw complaints.damaged(
          "its record %s has another name in its own header".formatted(quote(name)));
    }
    places.add(new Place(name, header, data + size));
    boolean plain = (directory.u16(at + 8) & ENCRYPTED) == 0 && directory.u16(at + 10) == 0;
    if (plain && fields[0] != size) {
      throw complaints.damaged("its record %s has two sizes".formatted(quote(name)));
    }
    return new Entry(plain ? new Range(data, size) : null, directory.i32(at + 16));
  }

  /** Replaces those of {@code fields} that are too large for 32 bits, which come in that order. */
  private void readExtra64(Window directory, String name, long[] fields, long extra, long end) {
    long at = extra;
    while (at + 4 <= end && directory.u16(at) != EXTRA64) {
      at += 4 + directory.u16(at + 2);
    }
    long limit = at + 4 <= end ? Math.min(end, at + 4 + directory.u16(at + 2)) : 0;
    at += 4;
    for (int i = 0; i < fields.length; i++) {
      if (fields[i] == IN_EXTRA) {
        if (at + 8 > limit) {
          throw complaints.damaged("its record %s has no 64-bit size".formatted(quote(name)));
        }
        fields[i] = directory.i64(at);
        at += 8;
      }
    }
  }
}
