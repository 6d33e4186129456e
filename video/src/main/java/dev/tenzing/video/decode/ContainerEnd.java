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
 * <p>Reads the sizes of the outermost boxes: RIFF chunks (AVI), ISO boxes (MP4, MOV), and the EBML
 * segment (Matroska, WebM); and the end mark of GIF and PNG. Other containers, and sizes left open
 * by a live writer, pass. So does a size that is too large where an index tells that nothing is
 * missing: some writers count wrongly by some bytes.
 */
final class ContainerEnd {
  private static final int EBML = 0x1A45DFA3;
  private static final int SEGMENT = 0x18538067;
  private static final int CLUSTER = 0x1F43B675;
  private static final int CUES = 0x1C53BB6B;

  /** A brand box holds a few names of four letters. */
  private static final int LARGEST_BRAND = 4096;

  /** A GIF or PNG may have some bytes after its end. */
  private static final int TAIL = 1024;

  /**
   * What was found.
   *
   * @param whole whether the container says where it ends and the file goes so far; false when it
   *     does not say
   * @param length of the file, bytes
   * @param missing a sentence for a file that ends too early unless its index, which FFmpeg reads,
   *     names nothing beyond; else null
   */
  record Found(boolean whole, long length, String missing) {
    /** It does not say. */
    static final Found OPEN = new Found(false, 0, null);
  }

  private static final Set<String> BOXES =
      Set.of(
          "ftyp", "styp", "moov", "mdat", "free", "skip", "wide", "udta", "uuid", "meta", "pnot",
          "PICT", "pdin", "moof", "mfra", "sidx", "ssix", "prft", "emsg", "bloc", "junk");

  private final FileChannel file;
  private final long length;
  private boolean askIndex;

  private ContainerEnd(FileChannel file) throws IOException {
    this.file = file;
    this.length = file.size();
  }

  /**
   * Looks at a file's end.
   *
   * @throws VideoException with {@code TRUNCATED} when the container says that it ends later
   * @throws IOException when the file cannot be read
   */
  static Found check(Path path) throws VideoException, IOException {
    try (FileChannel file = FileChannel.open(path)) {
      ContainerEnd container = new ContainerEnd(file);
      long end = container.claimedEnd();
      if (end <= container.length) {
        return new Found(end > 0, container.length, null);
      }
      String missing =
          end == Long.MAX_VALUE
              ? "the file is cut off: its end mark is missing"
              : "the file is cut off: it has %s bytes, its header promises %s"
                  .formatted(container.length, end);
      if (!container.askIndex) {
        throw new VideoException(path, VideoException.Reason.TRUNCATED, missing);
      }
      return new Found(true, container.length, missing);
    }
  }

  /**
   * The largest end that an outermost box claims, 0 when the container is not known, the largest
   * number when it has an end mark that is not there.
   */
  private long claimedEnd() throws IOException {
    ByteBuffer head = read(0, 12);
    if (head.limit() < 12) {
      return 0;
    }
    if (isText(head, 0, "RIFF") && isText(head, 8, "AVI ")) {
      return riffEnd();
    }
    if (isText(head, 0, "GIF8")) {
      return endsLikeGif() ? length : Long.MAX_VALUE;
    }
    if (isText(head, 1, "PNG\r")) {
      return PictureEnds.find(tail(), PictureEnds.PNG_END) >= 0 ? length : Long.MAX_VALUE;
    }
    if (isText(head, 4, "ftyp") || isText(head, 4, "moov") || isText(head, 4, "mdat")) {
      return boxEnd();
    }
    return head.getInt(0) == EBML ? segmentEnd() : 0;
  }

  private byte[] tail() throws IOException {
    return PictureEnds.read(file, Math.max(0, length - TAIL), TAIL);
  }

  /** The end of a block and a semicolon, and nothing but blanks after it. */
  private boolean endsLikeGif() throws IOException {
    byte[] tail = tail();
    int last = tail.length - 1;
    while (last > 0 && tail[last] >= 0 && tail[last] <= ' ') {
      last--;
    }
    return last > 0 && tail[last] == ';' && tail[last - 1] == 0;
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
      if (at + 8 + size > length && AviIndex.isComplete(file, at)) {
        return length;
      }
      at += 8 + size;
    }
    return at;
  }

  private long boxEnd() throws IOException {
    long at = 0;
    boolean indexed = false;
    boolean fragments = false;
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
      if (at > length) {
        // Fragments have indices of their own, which FFmpeg reads as it comes to them.
        askIndex = indexed && !fragments && !isText(box, 4, "moof");
      }
      indexed |= isText(box, 4, "moov");
      fragments |= isText(box, 4, "moof");
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
      if (at > length && id == SEGMENT && hasAllElements(at - size)) {
        return length;
      }
    }
    return at;
  }

  /**
   * Whether a segment's elements go exactly to the file's end, with an index after the clusters.
   */
  private boolean hasAllElements(long from) throws IOException {
    long at = from;
    boolean index = false;
    while (at < length) {
      ByteBuffer head = read(at, 12);
      if (head.limit() < 2) {
        return false;
      }
      int idOctets = Integer.numberOfLeadingZeros(Byte.toUnsignedInt(head.get(0))) - 23;
      if (idOctets > 4 || head.limit() <= idOctets) {
        return false;
      }
      int id = 0;
      for (int i = 0; i < idOctets; i++) {
        id = id << 8 | Byte.toUnsignedInt(head.get(i)); // fewer than four bytes may be left
      }
      int octets = Integer.numberOfLeadingZeros(Byte.toUnsignedInt(head.get(idOctets))) - 23;
      if (octets > 8 || head.limit() < idOctets + octets) {
        return false;
      }
      long size = head.get(idOctets) & (0xFF >>> octets);
      for (int i = 1; i < octets; i++) {
        size = size << 8 | Byte.toUnsignedInt(head.get(idOctets + i));
      }
      index = id == CUES || id != CLUSTER && index;
      at += idOctets + octets + size;
    }
    return index && at == length;
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
