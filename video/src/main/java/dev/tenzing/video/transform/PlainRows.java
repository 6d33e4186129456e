package dev.tenzing.video.transform;

import static dev.tenzing.video.transform.Filter.FRACTION;
import static dev.tenzing.video.transform.Filter.HALF;

/** The passes in plain loops: what the vector code must equal, bit for bit. */
final class PlainRows implements Rows {
  @Override
  public void across(byte[] line, Filter filter, byte[] out, int at) {
    across(line, filter, out, at, 0);
  }

  /** Scales a line from an output byte on. */
  static void across(byte[] line, Filter filter, byte[] out, int at, int from) {
    for (int i = from; i < 3 * filter.first.length; i++) {
      int x = i / 3;
      int pixel = 3 * filter.first[x] + i % 3;
      int sum = HALF;
      for (int tap = x * filter.taps; tap < (x + 1) * filter.taps; tap++) {
        sum += (line[pixel] & 0xFF) * filter.weights[tap];
        pixel += 3;
      }
      out[at + i] = (byte) (sum >>> FRACTION);
    }
  }

  @Override
  public void down(byte[] rows, Filter filter, int y, byte[] out) {
    down(rows, filter, y, out, 0);
  }

  /** Makes a row from a byte on. */
  static void down(byte[] rows, Filter filter, int y, byte[] out, int from) {
    int first = filter.first[y] * out.length;
    for (int i = from; i < out.length; i++) {
      int sum = HALF;
      for (int k = 0; k < filter.taps; k++) {
        sum += (rows[first + k * out.length + i] & 0xFF) * filter.weights[y * filter.taps + k];
      }
      out[i] = (byte) (sum >>> FRACTION);
    }
  }
}
