package dev.tenzing.video.list;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens text files as UTF-8: one in UTF-16 with a byte order mark is turned into it. */
final class Texts {
  /** No text in UTF-8 holds it: what is no UTF-16 is found out by whoever decodes, at its line. */
  private static final int NO_TEXT = 0xFF;

  private Texts() {}

  static InputStream open(Path file) throws IOException {
    InputStream bytes = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    bytes.mark(2);
    int first = bytes.read();
    int second = bytes.read();
    if (first == 0xFE && second == 0xFF) {
      return new FromUtf16(bytes, true);
    }
    if (first == 0xFF && second == 0xFE) {
      return new FromUtf16(bytes, false);
    }
    bytes.reset();
    return bytes;
  }

  /** UTF-16 without its byte order mark as UTF-8. */
  private static final class FromUtf16 extends InputStream {
    private final InputStream words;
    private final boolean highFirst;
    private final int[] ready = new int[4];
    private int at = ready.length;
    private int pushedBack = -1;

    FromUtf16(InputStream words, boolean highFirst) {
      this.words = words;
      this.highFirst = highFirst;
    }

    @Override
    public int read() throws IOException {
      if (at == ready.length) {
        int unit = unit();
        if (unit < 0) {
          return -1;
        }
        encode(unit);
      }
      return ready[at++];
    }

    /** The next 16 bits, -1 at the end; of half of them the replacement for no text. */
    private int unit() throws IOException {
      if (pushedBack >= 0) {
        int unit = pushedBack;
        pushedBack = -1;
        return unit;
      }
      int one = words.read();
      if (one < 0) {
        return -1;
      }
      int two = words.read();
      if (two < 0) {
        return Character.MIN_LOW_SURROGATE;
      }
      return highFirst ? one << 8 | two : two << 8 | one;
    }

    private void encode(int unit) throws IOException {
      int code = unit;
      if (Character.isHighSurrogate((char) unit)) {
        int low = unit();
        if (low >= 0 && Character.isLowSurrogate((char) low)) {
          code = Character.toCodePoint((char) unit, (char) low);
        } else {
          pushedBack = low;
        }
      }
      boolean alone = code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE;
      if (alone) {
        put(NO_TEXT);
      } else if (code < 0x80) {
        put(code);
      } else if (code < 0x800) {
        put(0xC0 | code >> 6, 0x80 | code & 0x3F);
      } else if (code < 0x10000) {
        put(0xE0 | code >> 12, 0x80 | code >> 6 & 0x3F, 0x80 | code & 0x3F);
      } else {
        put(
            0xF0 | code >> 18,
            0x80 | code >> 12 & 0x3F,
            0x80 | code >> 6 & 0x3F,
            0x80 | code & 0x3F);
      }
    }

    private void put(int... bytes) {
      at = ready.length - bytes.length;
      System.arraycopy(bytes, 0, ready, at, bytes.length);
    }

    @Override
    public void close() throws IOException {
      words.close();
    }
  }
}
