package dev.tenzing.engine.io.torch;

import static dev.tenzing.engine.io.TensorFileException.quote;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
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
  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

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
  private static final long LARGEST = 128L << 20;

  /**
   * A record.
   *
   * @param content its bytes, or null when they are compressed or encrypted
   * @param crc its CRC-32, or 0 when it was not computed, which PyTorch allows
   */
  record Entry(MemorySegment content, int crc) {
    /** Its bytes, of the record {@code name}. */
    MemorySegment bytes(String name, Complaints complaints) {
      if (content == null) {
        throw complaints.unsupported(
            "its record %s is compressed or encrypted, which PyTorch never does; unpack it and"
                    .formatted(quote(name))
                + " pack it with `zip -0`");
      }
      return content;
    }
  }

  private record Range(String name, long begin, long end) {}

  private final MemorySegment file;
  private final Complaints complaints;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final List<Range> ranges = new ArrayList<>();
  private long begin;
  private long end;
  private long count;

  private ZipDirectory(MemorySegment file, Complaints complaints) {
    this.file = file;
    this.complaints = complaints;
  }

  /** The records by name, in the order of the directory. */
  static Map<String, Entry> read(MemorySegment file, Complaints complaints) {
    ZipDirectory directory = new ZipDirectory(file, complaints);
    directory.locate();
    directory.read();
    return directory.entries;
  }

  private void locate() {
    long last = file.byteSize() - END_SIZE;
    long at = last;
    while (at >= 0
        && (file.get(I32, at) != END || u16(at + 20) != last - at)
        && last - at <= LONGEST_COMMENT) {
      at--;
    }
    if (at < 0 || last - at > LONGEST_COMMENT) {
      throw complaints.damaged(
          "it begins as a zip archive but has no directory at its end, so it was cut off");
    }
    count = u16(at + 10);
    long size = u32(at + 12);
    begin = u32(at + 16);
    long after = at;
    if (at >= LOCATOR_SIZE && file.get(I32, at - LOCATOR_SIZE) == LOCATOR) {
      after = file.get(I64, at - LOCATOR_SIZE + 8);
      if (after < 0 || after > at - LOCATOR_SIZE - END64_SIZE || file.get(I32, after) != END64) {
        throw complaints.damaged("its zip directory has no 64-bit end where one is announced");
      }
      count = file.get(I64, after + 32);
      size = file.get(I64, after + 40);
      begin = file.get(I64, after + 48);
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
    long at = begin;
    for (long i = 0; i < count; i++) {
      if (at > end - CENTRAL_SIZE || file.get(I32, at) != CENTRAL) {
        throw complaints.damaged("record %s of its zip directory is none".formatted(i));
      }
      long extra = at + CENTRAL_SIZE + u16(at + 28);
      long comment = extra + u16(at + 30);
      long next = comment + u16(at + 32);
      if (next > end) {
        throw complaints.damaged("record %s of its zip directory is cut off".formatted(i));
      }
      String name = text(at + CENTRAL_SIZE, u16(at + 28));
      if (!name.endsWith("/") && entries.put(name, entry(name, at, extra, comment)) != null) {
        throw complaints.damaged("it has two records " + quote(name));
      }
      at = next;
    }
    ranges.sort(Comparator.comparingLong(Range::begin));
    for (int i = 1; i < ranges.size(); i++) {
      if (ranges.get(i).begin < ranges.get(i - 1).end) {
        throw complaints.damaged(
            "its records %s and %s overlap"
                .formatted(quote(ranges.get(i - 1).name), quote(ranges.get(i).name)));
      }
    }
  }

  private Entry entry(String name, long at, long extra, long extraEnd) {
    long[] fields = {u32(at + 24), u32(at + 20), u32(at + 42)}; // size, compressed, local header
    readExtra64(name, fields, extra, extraEnd);
    long size = fields[1];
    long local = fields[2];
    if (local < 0 || local > begin - LOCAL_SIZE || file.get(I32, local) != LOCAL) {
      throw complaints.damaged(
          "its record %s has no header where the directory says".formatted(quote(name)));
    }
    int nameLength = u16(local + 26);
    long data = local + LOCAL_SIZE + nameLength + u16(local + 28);
    if (size < 0 || data > begin || size > begin - data) {
      throw complaints.damaged(
          "its record %s of %s bytes does not fit into the file"
              .formatted(quote(name), Long.toUnsignedString(size)));
    }
    if (nameLength != u16(at + 28) || !text(local + LOCAL_SIZE, nameLength).equals(name)) {
      throw complaints.damaged(
          "its record %s has another name in its own header".formatted(quote(name)));
    }
    ranges.add(new Range(name, local, data + size));
    boolean plain = (u16(at + 8) & ENCRYPTED) == 0 && u16(at + 10) == 0;
    if (plain && fields[0] != size) {
      throw complaints.damaged("its record %s has two sizes".formatted(quote(name)));
    }
    return new Entry(plain ? file.asSlice(data, size) : null, file.get(I32, at + 16));
  }

  /** Replaces those of {@code fields} that are too large for 32 bits, which come in that order. */
  private void readExtra64(String name, long[] fields, long extra, long end) {
    long at = extra;
    while (at + 4 <= end && u16(at) != EXTRA64) {
      at += 4 + u16(at + 2);
    }
    long limit = at + 4 <= end ? Math.min(end, at + 4 + u16(at + 2)) : 0;
    at += 4;
    for (int i = 0; i < fields.length; i++) {
      if (fields[i] == IN_EXTRA) {
        if (at + 8 > limit) {
          throw complaints.damaged("its record %s has no 64-bit size".formatted(quote(name)));
        }
        fields[i] = file.get(I64, at);
        at += 8;
      }
    }
  }

  private String text(long at, int length) {
    return new String(
        file.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  private int u16(long at) {
    return file.get(I16, at) & 0xffff;
  }

  private long u32(long at) {
    return file.get(I32, at) & 0xffffffffL;
  }
}
