package dev.tenzing.engine.io.torch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle, read forward and never beyond their end. */
final class PickleInput {
  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble F64_BIG =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int LONGEST_LINE = 4096;
  private static final int LARGEST_INTEGER = 1024;
  // Weights lie outside the pickle; what is left is names, numbers and an odd NumPy array.
  private static final long LARGEST = 256L << 20;

  private final MemorySegment bytes;
  private final Complaints complaints;
  private final long end;
  private long at;

  PickleInput(MemorySegment bytes, long at, Complaints complaints) {
    this.bytes = bytes;
    this.at = at;
    this.end = Math.min(bytes.byteSize(), at + LARGEST);
    this.complaints = complaints;
  }

  long position() {
    return at;
  }

  private long take(long count) {
    if (count < 0 || count > end - at) {
      throw complaints.damaged(
          end < bytes.byteSize()
              ? "its pickle is longer than %s bytes".formatted(LARGEST)
              : "its pickle needs %s bytes at byte %s where %s are left"
                  .formatted(Long.toUnsignedString(count), at, end - at));
    }
    long start = at;
    at += count;
    return start;
  }

  int u8() {
    return bytes.get(ValueLayout.JAVA_BYTE, take(1)) & 0xff;
  }

  int u16() {
    return bytes.get(I16, take(2)) & 0xffff;
  }

  int i32() {
    return bytes.get(I32, take(4));
  }

  long u32() {
    return i32() & 0xffffffffL;
  }

  long i64() {
    return bytes.get(I64, take(8));
  }

  double f64() {
    return bytes.get(F64_BIG, take(8));
  }

  byte[] bytes(long count) {
    return bytes.asSlice(take(count), count).toArray(ValueLayout.JAVA_BYTE);
  }

  String text(long count) {
    return new String(bytes(count), StandardCharsets.UTF_8);
  }

  /** A string of Python 2, which is UTF-8 or, failing that, bytes. */
  String oldText(long count) {
    byte[] text = bytes(count);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
    } catch (CharacterCodingException e) {
      return new String(text, StandardCharsets.ISO_8859_1);
    }
  }

  /** A little-endian integer in two's complement. */
  Number integer(long count) {
    if (count < 0 || count > LARGEST_INTEGER) {
      throw complaints.damaged("its pickle holds an integer of %s bytes".formatted(count));
    }
    byte[] little = bytes(count);
    byte[] big = new byte[little.length + 1];
    for (int i = 0; i < little.length; i++) {
      big[big.length - 1 - i] = little[i];
    }
    big[0] = (byte) (little.length > 0 && little[little.length - 1] < 0 ? -1 : 0);
    return number(new BigInteger(big));
  }

  /** Text to the end of the line. */
  String line() {
    StringBuilder line = new StringBuilder();
    while (true) {
      int c = u8();
      if (c == '\n') {
        return line.toString();
      }
      if (line.length() == LONGEST_LINE) {
        throw complaints.damaged("its pickle holds a line of more than 4096 bytes");
      }
      line.append((char) c);
    }
  }

  /** An integer in decimal digits, but that 00 and 01 mean false and true. */
  Object decimalOrBoolean() {
    String line = line();
    return switch (line) {
      case "00" -> false;
      case "01" -> true;
      default -> decimal(line);
    };
  }

  /** An integer in decimal digits, with Python 2's {@code L} behind it or not. */
  Number decimal() {
    String line = line();
    return decimal(line.endsWith("L") ? line.substring(0, line.length() - 1) : line);
  }

  private Number decimal(String digits) {
    try {
      return number(new BigInteger(digits));
    } catch (NumberFormatException e) {
      throw complaints.damaged("its pickle holds an integer without digits");
    }
  }

  /** A floating-point number in decimal digits. */
  double decimalDouble() {
    String line = line();
    try {
      return switch (line) {
        case "nan" -> Double.NaN;
        case "inf" -> Double.POSITIVE_INFINITY;
        case "-inf" -> Double.NEGATIVE_INFINITY;
        default -> Double.parseDouble(line);
      };
    } catch (NumberFormatException e) {
      throw complaints.damaged("its pickle holds a number without digits");
    }
  }

  private static Number number(BigInteger value) {
    if (value.bitLength() < Long.SIZE) {
      return value.longValue();
    }
    return value;
  }
}
