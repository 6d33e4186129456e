package dev.tenzing.video.decode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;

/**
 * Finds files that were cut off: compares where the container says that it ends with where the file
 * ends. FFmpeg plays a cut AVI or WebM file to the cut without a word, so that a clip drawn from it
 * would depend on where the download broke.
 *
 * <p>Reads the sizes of the outermost boxes only: RIFF chunks (AVI), ISO boxes (MP4, MOV), and the
 * EBML segment (Matroska, WebM). Other containers, and sizes left open by a live writer, pass.
 */
final class ContainerEnd {
  private static final int EBML = 0x1A45DFA3;
  private static final int SEGMENT = 0x18538067;

  /** A brand box holds a few names of four letters. */
  private static final int LARGEST_BRAND = 4096;

  private static final Set<String> BOXES =
      Set.of(
          "ftyp", "styp", "moov", "mdat", "free", "skip", "wide", "udta", "uuid", "meta", "pnot",
          "PICT", "pdin", "moof", "mfra", "sidx", "ssix", "prft", "emsg", "bloc", "junk");

  private final FileChannel file;
  private final long length;

  private ContainerEnd(FileChannel file) throws IOException {
    this.file = file;
    this.length = file.size();
  }

  /**
   * Looks at a file's end.
   *
   * @return whether the container says where it ends and the file goes so far; false when it does
   *     not say
   * @throws VideoException with {@code TRUNCATED} when the container says that it ends later
   * @throws IOException when the file cannot be read
   */
  static boolean check(Path path) throws VideoException, IOException {
    try (FileChannel file = FileChannel.open(path)) {
      ContainerEnd container = new ContainerEnd(file);
      long end = container.claimedEnd();
      if (end > container.length) {
        throw new VideoException(
            path,
            VideoException.Reason.TRUNCATED,
            "the file is cut off: it has "
                + container.length
                + " bytes, its header promises "
                + end);
      }
      return end > 0;
    }
  }

  /** The largest end that an outermost box claims, 0 when the container is not known. */
  private long claimedEnd() throws IOException {
    ByteBuffer head = read(0, 12);
    if (head.limit() < 12) {
      return 0;
    }
    if (isText(head, 0, "RIFF") && isText(head, 8, "AVI ")) {
      return riffEnd();
    }
    if (isText(head, 4, "ftyp") || isText(head, 4, "moov") || isText(head, 4, "mdat")) {
      return boxEnd();
    }
    return head.getInt(0) == EBML ? segmentEnd() : 0;
  }

  private long riffEnd() throws IOException {
    long at = 0;
    while (at < length) {
      ByteBuffer chunk = read(at, 8);
      if (chunk.limit() < 8 || !isText(chunk, 0, "RIFF")) {
        break;
      }
      long size = Integer.toUnsignedLong(chunk.order(ByteOrder.LITTLE_ENDIAN).getInt(4));
      if (size == 0 || size == 0xFFFFFFFFL) {
        return 0;
      }
      at += 8 + size;
    }
    return at;
  }

  private long boxEnd() throws IOException {
    long at = 0;
    while (at < length) {
      ByteBuffer box = read(at, 16);
      if (box.limit() < 8 || !isKnown(box)) {
        break;
      }
      long size = Integer.toUnsignedLong(box.getInt(0));
      if (size == 1 && box.limit() == 16) {
        size = box.getLong(8);
      }
      if (size < 8 || size > Long.MAX_VALUE - at) {
        break;
      }
      if (at == 0 && isText(box, 4, "ftyp") && size > LARGEST_BRAND) {
        return 0; // the length is damaged, so where the file ends is not known
      }
      at += size;
    }
    return at;
  }

  private long segmentEnd() throws IOException {
    long at = 0;
    for (int id : new int[] {EBML, SEGMENT}) {
      ByteBuffer element = read(at, 12);
      if (element.limit() < 12 || element.getInt(0) != id) {
        return 0;
      }
      int octets = Integer.numberOfLeadingZeros(Byte.toUnsignedInt(element.get(4))) - 23;
      if (octets > 8) {
        return 0;
      }
      long open = (1L << (7 * octets)) - 1;
      long size = (element.getLong(4) >>> (64 - 8 * octets)) & open;
      if (size == open) {
        return 0;
      }
      at += 4 + octets + size;
    }
    return at;
  }

  private ByteBuffer read(long at, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining() && file.read(buffer, at + buffer.position()) >= 0) {}
    return buffer.flip();
  }

  private static boolean isText(ByteBuffer bytes, int at, String text) {
    for (int i = 0; i < 4; i++) {
      if (bytes.get(at + i) != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the box may lie outermost; a damaged name says nothing of where the file ends. */
  private static boolean isKnown(ByteBuffer box) {
    byte[] name = new byte[4];
    box.get(4, name);
    return BOXES.contains(new String(name, StandardCharsets.ISO_8859_1));
  }
}
