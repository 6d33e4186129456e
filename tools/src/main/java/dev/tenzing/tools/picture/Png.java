package dev.tenzing.tools.picture;

import dev.tenzing.engine.io.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/** PNG files of 8-bit RGB: "Portable Network Graphics Specification (Third Edition)", W3C. */
public final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int CHANNELS = 3;

  /** Row filters of section 9: each byte is stored less a prediction from its neighbours. */
  private static final int NONE = 0;

  private static final int SUB = 1;
  private static final int UP = 2;
  private static final int PAETH = 4;

  private Png() {}

  /** Writes a picture to a file. */
  public static void write(Path file, Picture picture) throws IOException {
    AtomicFile.write(file, encode(picture));
  }

  /** The bytes of a PNG file. */
  public static byte[] encode(Picture picture) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(file)) {
      out.write(SIGNATURE);
      chunk(out, "IHDR", header(picture));
      chunk(out, "IDAT", compressed(picture));
      chunk(out, "IEND", new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return file.toByteArray();
  }

  private static byte[] header(Picture picture) throws IOException {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(header);
    out.writeInt(picture.width());
    out.writeInt(picture.height());
    out.write(new byte[] {8, 2, 0, 0, 0}); // 8 bits, RGB, deflate, adaptive filters, no interlace
    return header.toByteArray();
  }

  private static byte[] compressed(Picture picture) throws IOException {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    int stride = CHANNELS * picture.width();
    byte[] filtered = new byte[stride];
    byte[] best = new byte[stride];
    try (DeflaterOutputStream out = new DeflaterOutputStream(data)) {
      for (int y = 0; y < picture.height(); y++) {
        int bestFilter = NONE;
        long bestSum = Long.MAX_VALUE;
        for (int filter : new int[] {NONE, SUB, UP, PAETH}) {
          long sum = filter(filter, picture.rgb(), y, stride, filtered);
          if (sum < bestSum) {
            bestSum = sum;
            bestFilter = filter;
            byte[] swap = best;
            best = filtered;
            filtered = swap;
          }
        }
        out.write(bestFilter);
        out.write(best);
      }
    }
    return data.toByteArray();
  }

  /** Filters row {@code y} and returns the sum of magnitudes, which the encoder makes small. */
  private static long filter(int filter, byte[] rgb, int y, int stride, byte[] out) {
    int row = y * stride;
    long sum = 0;
    for (int i = 0; i < stride; i++) {
      int left = i < CHANNELS ? 0 : rgb[row + i - CHANNELS] & 0xff;
      int up = y == 0 ? 0 : rgb[row + i - stride] & 0xff;
      int upLeft = i < CHANNELS || y == 0 ? 0 : rgb[row + i - stride - CHANNELS] & 0xff;
      int predicted =
          switch (filter) {
            case SUB -> left;
            case UP -> up;
            case PAETH -> paeth(left, up, upLeft);
            default -> 0;
          };
      out[i] = (byte) (rgb[row + i] - predicted);
      sum += Math.abs(out[i]);
    }
    return sum;
  }

  /** The neighbour nearest to left + up - upLeft, with ties broken in this order (section 9.4). */
  private static int paeth(int left, int up, int upLeft) {
    int estimate = left + up - upLeft;
    int dLeft = Math.abs(estimate - left);
    int dUp = Math.abs(estimate - up);
    int dUpLeft = Math.abs(estimate - upLeft);
    if (dLeft <= dUp && dLeft <= dUpLeft) {
      return left;
    }
    return dUp <= dUpLeft ? up : upLeft;
  }

  private static void chunk(DataOutputStream out, String type, byte[] data) throws IOException {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    out.writeInt(data.length);
    out.write(name);
    out.write(data);
    out.writeInt((int) crc.getValue());
  }
}
