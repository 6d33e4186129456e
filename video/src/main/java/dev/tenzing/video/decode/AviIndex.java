package dev.tenzing.video.decode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/** Whether an AVI whose size is not what its header says has all that its index names. */
final class AviIndex {
  /** The index of three days: 16 bytes a chunk. */
  private static final int LONGEST = 16 << 20;

  private static final int ENTRY = 16;
  private static final byte[] NAME = {'i', 'd', 'x', '1'};

  private AviIndex() {}

  /**
   * @param riff where the outermost chunk begins whose size is too large
   */
  static boolean isComplete(FileChannel file, long riff) throws IOException {
    return riff == 0 ? hasAllChunks(file) : hasList(file, riff);
  }

  /** The index lies at the end, after the list of chunks whose size may be wrong as well. */
  private static boolean hasAllChunks(FileChannel file) throws IOException {
    long from = Math.max(0, file.size() - LONGEST);
    ByteBuffer tail = little(PictureEnds.read(file, from, LONGEST));
    for (int at = tail.limit() - 8; at >= 0; at--) {
      if (tail.getInt(at) == little(NAME).getInt(0)) {
        long size = Integer.toUnsignedLong(tail.getInt(at + 4));
        if (size >= ENTRY && size % ENTRY == 0 && at + 8 + size <= tail.limit()) {
          return namesChunks(file, from + at, tail.slice(at + 8, (int) size));
        }
      }
    }
    return false;
  }

  /** Offsets count from the file's begin or from the name of the list, as the first one tells. */
  private static boolean namesChunks(FileChannel file, long end, ByteBuffer index)
      throws IOException {
    index.order(ByteOrder.LITTLE_ENDIAN);
    int last = index.limit() - ENTRY;
    long base = 0;
    if (!isChunk(file, index, 0, 0)) {
      base = listName(file);
      if (base < 0 || !isChunk(file, index, 0, base)) {
        return false;
      }
    }
    for (int at = 0; at <= last; at += ENTRY) {
      if (base + offset(index, at) + 8 + Integer.toUnsignedLong(index.getInt(at + 12)) > end) {
        return false;
      }
    }
    return isChunk(file, index, last, base);
  }

  private static long offset(ByteBuffer index, int at) {
    return Integer.toUnsignedLong(index.getInt(at + 8));
  }

  /** Whether the chunk that an entry names lies where it says. */
  private static boolean isChunk(FileChannel file, ByteBuffer index, int at, long base)
      throws IOException {
    byte[] name = PictureEnds.read(file, base + offset(index, at), 4);
    return name.length == 4 && little(name).getInt(0) == index.getInt(at);
  }

  /** Where the name of the first RIFF's list of chunks lies, -1 for nowhere. */
  private static long listName(FileChannel file) throws IOException {
    long at = 12;
    while (true) {
      byte[] head = PictureEnds.read(file, at, 12);
      if (head.length < 12) {
        return -1;
      }
      if (PictureEnds.find(head, new byte[] {'m', 'o', 'v', 'i'}) == 8) {
        return at + 8;
      }
      long size = Integer.toUnsignedLong(little(head).getInt(4));
      at += 8 + size + size % 2;
    }
  }

  /** Whether a further RIFF, which has its index inside of its list, has the whole list. */
  private static boolean hasList(FileChannel file, long riff) throws IOException {
    byte[] head = PictureEnds.read(file, riff + 12, 8);
    return head.length == 8
        && PictureEnds.find(head, new byte[] {'L', 'I', 'S', 'T'}) == 0
        && riff + 20 + Integer.toUnsignedLong(little(head).getInt(4)) <= file.size();
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
