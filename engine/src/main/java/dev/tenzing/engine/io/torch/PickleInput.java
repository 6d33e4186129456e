package dev.tenzing.engine.io.torch;

import dev.tenzing.engine.io.FileBytes;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle, read forward and never beyond their end. */
final class PickleInput {
  private static final int LONGEST_LINE = 4096;
  private static final int LARGEST_INTEGER = 1024;
  // Weights lie outside the pickle; what is left is names, numbers and an odd NumPy array.
  private static final long LARGEST = 256L << 20;
  private static final int TEXT = 56;

  private final FileBytes file;
  private final Complaints complaints;
  private final Budget budget;
  private final boolean limited;
  private final long end;
  private final byte[] buffer;
  private final ByteBuffer little;
  private long bufferedTo;
  private int next;
  private int filled;

  /**
   * The pickle that begins somewhere in a range of a file.
   *
   * @param range what it may take
   */
  PickleInput(FileBytes file, Range range, Complaints complaints, Budget budget) {
    this.file = file;
    this.complaints = complaints;
    this.budget = budget;
    this.limited = range.size() > LARGEST;
    this.end = range.begin() + Math.min(range.size(), LARGEST);
    this.bufferedTo = range.begin();
    this.buffer = new byte[(int) Math.min(1 << 13, Math.max(8, range.size()))];
    this.little = ByteBuffer.wrap(buffer).order(ByteOrder.LITTLE_ENDIAN);
  }

  long position() {
    return bufferedTo - (filled - next);
  }

  private void checkLeft(long count) {
    long left = end - position();
    if (count < 0 || count > left) {
      throw complaints.damaged(
          limited
              ? "its pickle is longer than %s bytes".formatted(LARGEST)
              : "its pickle needs %s bytes at byte %s where %s are left"
                  .formatted(Long.toUnsignedString(count), position(), left));
    }
    budget.read(count);
  }

  /** The place in the buffer of the next {@code count} bytes, at most 8. */
  private int take(int count) {
    checkLeft(count);
    if (filled - next < count) {
      System.arraycopy(buffer, next, buffer, 0, filled - next);
      filled -= next;
      next = 0;
      int more = (int) Math.min(buffer.length - filled, end - bufferedTo);
      file.read(bufferedTo, MemorySegment.ofArray(buffer).asSlice(filled, more));
      filled += more;
      bufferedTo += more;
    }
    next += count;
    return next - count;
  }

  int u8() {
    return buffer[take(1)] & 0xff;
  }

  int u16() {
    return little.getShort(take(2)) & 0xffff;
  }

  int i32() {
    return little.getInt(take(4));
  }

  long u32() {
    return i32() & 0xffffffffL;
  }

  long i64() {
    return little.getLong(take(8));
  }

  double f64() {
    return Double.longBitsToDouble(Long.reverseBytes(i64()));
  }

  byte[] bytes(long count) {
    checkLeft(count);
    budget.heap(TEXT + count);
    byte[] bytes = new byte[(int) count];
    int there = (int) Math.min(count, filled - next);
    System.arraycopy(buffer, next, bytes, 0, there);
    next += there;
    if (there < count) {
      file.read(bufferedTo, MemorySegment.ofArray(bytes).asSlice(there));
      bufferedTo += count - there;
      next = 0;
      filled = 0;
    }
    return bytes;
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
        budget.heap(TEXT + line.length());
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
