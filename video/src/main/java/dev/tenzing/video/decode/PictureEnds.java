package dev.tenzing.video.decode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Whether a picture file has its beginning and its end, told from a few bytes of each. */
final class PictureEnds {
  /** Cameras and editors leave some bytes after the end marker. */
  private static final int TAIL = 1024;

  private static final byte[] JPEG_START = {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF};
  private static final byte[] JPEG_END = {(byte) 0xFF, (byte) 0xD9};
  private static final byte[] PNG_START = {(byte) 0x89, 'P', 'N', 'G'};
  static final byte[] PNG_END = {'I', 'E', 'N', 'D'};

  private PictureEnds() {}

  static boolean complete(FileChannel file, boolean png) throws IOException {
    byte[] start = png ? PNG_START : JPEG_START;
    byte[] end = png ? PNG_END : JPEG_END;
    byte[] head = read(file, 0, start.length);
    byte[] tail = read(file, Math.max(0, file.size() - TAIL), TAIL);
    return find(head, start) == 0 && find(tail, end) >= 0;
  }

  static byte[] read(FileChannel file, long at, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(bytes, Math.max(0, file.size() - at)));
    while (buffer.hasRemaining() && file.read(buffer, at + buffer.position()) > 0) {}
    return buffer.array();
  }

  static int find(byte[] text, byte[] wanted) {
    for (int at = 0; at + wanted.length <= text.length; at++) {
      int same = 0;
      while (same < wanted.length && text[at + same] == wanted[same]) {
        same++;
      }
      if (same == wanted.length) {
        return at;
      }
    }
    return -1;
  }
}
