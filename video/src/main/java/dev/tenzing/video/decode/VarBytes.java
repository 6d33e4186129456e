package dev.tenzing.video.decode;

import java.util.Arrays;

/** Whole numbers in as few bytes as they need, seven bits a byte, lowest first. */
final class VarBytes {
  private byte[] bytes;
  private int at;

  /** For writing. */
  VarBytes() {
    this(new byte[64]);
  }

  /** For reading. */
  VarBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  void put(long value) {
    if (at + 10 > bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[at++] = (byte) rest;
  }

  /** Two bytes, lowest first, whatever the value. */
  void putTwo(char value) {
    if (at + 10 > bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
    bytes[at++] = (byte) value;
    bytes[at++] = (byte) (value >> 8);
  }

  char getTwo() {
    if (at + 2 > bytes.length) {
      throw new IllegalArgumentException("a damaged index: it ends early");
    }
    return (char) (bytes[at++] & 0xFF | bytes[at++] << 8);
  }

  long get() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at >= bytes.length) {
        throw new IllegalArgumentException("a damaged index: it ends early");
      }
      byte next = bytes[at++];
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a damaged index: a number of more than 64 bits");
  }

  /** How many things follow, each of at least a byte. */
  int getCount() {
    long count = get();
    if (count < 0 || count > bytes.length - at) {
      throw new IllegalArgumentException("a damaged index: more entries than bytes");
    }
    return (int) count;
  }

  /** A number that was read, as one of 32 bits. */
  static int toInt(long value) {
    if (value != (int) value) {
      throw new IllegalArgumentException("a damaged index: a number of more than 32 bits");
    }
    return (int) value;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, at);
  }

  /** Small numbers of either sign as small numbers. */
  static long zigzag(long value) {
    return value << 1 ^ value >> 63;
  }

  static long unzigzag(long value) {
    return value >>> 1 ^ -(value & 1);
  }
}
