package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * How the clips of a batch are mixed: row {@code r} of {@code n} with row {@code n - 1 - r}.
 *
 * @param shares of each row's own clip in what becomes of it, and so of its label; 1 = unmixed
 * @param boxes what is replaced by the other clip; null where the whole clip is blended
 */
public record BatchMix(float[] shares, Crop[] boxes) {
  private static final int ONE = 1 << 16;

  /** A batch of {@code rows} clips as they are. */
  public static BatchMix none(int rows) {
    float[] shares = new float[rows];
    Arrays.fill(shares, 1);
    return new BatchMix(shares, new Crop[rows]);
  }

  /** The row with which a row is mixed. */
  public int partner(int row) {
    return shares.length - 1 - row;
  }

  /**
   * Mixes in place; blended values are rounded to bytes.
   *
   * @param clips RGB24 bytes [rows, T, size, size, 3]
   */
  public void apply(MemorySegment clips, int frames, int size) {
    int lineBytes = 3 * size;
    long clipBytes = (long) frames * size * lineBytes;
    byte[] mine = new byte[lineBytes];
    byte[] theirs = new byte[lineBytes];
    byte[] out = new byte[lineBytes];
    for (int row = 0; row < partner(row); row++) {
      int other = partner(row);
      if (shares[row] == 1 && shares[other] == 1) {
        continue;
      }
      for (int line = 0; line < frames * size; line++) {
        long first = row * clipBytes + (long) line * lineBytes;
        long second = other * clipBytes + (long) line * lineBytes;
        MemorySegment.copy(clips, ValueLayout.JAVA_BYTE, first, mine, 0, lineBytes);
        MemorySegment.copy(clips, ValueLayout.JAVA_BYTE, second, theirs, 0, lineBytes);
        if (mix(row, line % size, mine, theirs, out)) {
          MemorySegment.copy(out, 0, clips, ValueLayout.JAVA_BYTE, first, lineBytes);
        }
        if (mix(other, line % size, theirs, mine, out)) {
          MemorySegment.copy(out, 0, clips, ValueLayout.JAVA_BYTE, second, lineBytes);
        }
      }
    }
  }

  /** One line of a picture; false when it stays. */
  private boolean mix(int row, int y, byte[] own, byte[] other, byte[] out) {
    if (shares[row] == 1) {
      return false;
    }
    Crop box = boxes[row];
    if (box == null) {
      blend(own, other, Math.round(shares[row] * ONE), out);
      return true;
    }
    if (y < box.y() || y >= box.y() + box.height()) {
      return false;
    }
    System.arraycopy(own, 0, out, 0, out.length);
    System.arraycopy(other, 3 * box.x(), out, 3 * box.x(), 3 * box.width());
    return true;
  }

  private static void blend(byte[] own, byte[] other, int weight, byte[] out) {
    int rest = ONE - weight;
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) ((own[i] & 0xFF) * weight + (other[i] & 0xFF) * rest + ONE / 2 >>> 16);
    }
  }
}
