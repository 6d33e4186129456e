package dev.tenzing.video.transform;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Cuts a rectangle out of an RGB24 picture and scales it to a square, mirrored if wanted.
 *
 * <p>Bilinear as Pillow does it, bit for bit: the triangle filter widens when it shrinks, weights
 * have 22 fractional bits, rows are scaled and rounded to bytes first, then columns.
 *
 * <p>Keeps its tables and rows between calls: one resizer a thread.
 */
public final class Resizer {
  private static final int FRACTION = 22;
  private static final int HALF = 1 << (FRACTION - 1);

  private final int size;
  private final byte[] row;
  private byte[] line = new byte[0];
  private byte[] rows = new byte[0];
  private Filter across;
  private Filter down;

  /**
   * @param size side of the square, pixels
   */
  public Resizer(int size) {
    this.size = size;
    this.row = new byte[3 * size];
  }

  /**
   * Scales one picture.
   *
   * @param source [height, width, 3] bytes
   * @param width of the source, pixels
   * @param crop inside the source
   * @param target [size, size, 3] bytes
   */
  public void apply(
      MemorySegment source, int width, Crop crop, boolean mirror, MemorySegment target) {
    if (crop.width() == size && crop.height() == size && !mirror) {
      for (int y = 0; y < size; y++) {
        long from = 3 * ((long) (crop.y() + y) * width + crop.x());
        MemorySegment.copy(source, from, target, (long) y * row.length, row.length);
      }
      return;
    }
    if (across == null || across.length != crop.width() || across.mirrored != mirror) {
      across = new Filter(crop.width(), size, mirror);
    }
    if (down == null || down.length != crop.height()) {
      down = new Filter(crop.height(), size, false);
    }
    int lineBytes = 3 * crop.width();
    if (line.length < lineBytes) {
      line = new byte[lineBytes];
    }
    if (rows.length < crop.height() * row.length) {
      rows = new byte[crop.height() * row.length];
    }
    for (int y = 0; y < crop.height(); y++) {
      long from = 3 * ((long) (crop.y() + y) * width + crop.x());
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, from, line, 0, lineBytes);
      scaleLine(line, across, rows, y * row.length);
    }
    for (int y = 0; y < size; y++) {
      blendRows(rows, down, y, row);
      MemorySegment.copy(row, 0, target, ValueLayout.JAVA_BYTE, (long) y * row.length, row.length);
    }
  }

  private static void scaleLine(byte[] line, Filter filter, byte[] out, int at) {
    int[] weights = filter.weights;
    int to = at;
    for (int x = 0; x < filter.first.length; x++) {
      int r = HALF;
      int g = HALF;
      int b = HALF;
      int from = 3 * filter.first[x];
      int tap = x * filter.taps;
      for (int end = tap + filter.taps; tap < end; tap++) {
        int weight = weights[tap];
        r += (line[from] & 0xFF) * weight;
        g += (line[from + 1] & 0xFF) * weight;
        b += (line[from + 2] & 0xFF) * weight;
        from += 3;
      }
      out[to] = (byte) (r >>> FRACTION);
      out[to + 1] = (byte) (g >>> FRACTION);
      out[to + 2] = (byte) (b >>> FRACTION);
      to += 3;
    }
  }

  private static void blendRows(byte[] rows, Filter filter, int y, byte[] out) {
    int from = filter.first[y] * out.length;
    int tap = y * filter.taps;
    if (filter.taps == 2) {
      int w0 = filter.weights[tap];
      int w1 = filter.weights[tap + 1];
      int next = from + out.length;
      for (int i = 0; i < out.length; i++) {
        int sum = HALF + (rows[from + i] & 0xFF) * w0 + (rows[next + i] & 0xFF) * w1;
        out[i] = (byte) (sum >>> FRACTION);
      }
      return;
    }
    for (int i = 0; i < out.length; i++) {
      int sum = HALF;
      for (int k = 0; k < filter.taps; k++) {
        sum += (rows[from + k * out.length + i] & 0xFF) * filter.weights[tap + k];
      }
      out[i] = (byte) (sum >>> FRACTION);
    }
  }

  /**
   * Where each output pixel reads and with which weights. Every output has the same number of taps,
   * missing ones weighing nothing, and none reads beyond the input.
   */
  private static final class Filter {
    final int length;
    final boolean mirrored;
    final int taps;
    final int[] first;
    final int[] weights;

    Filter(int length, int size, boolean mirrored) {
      this.length = length;
      this.mirrored = mirrored;
      double scale = (double) length / size;
      double support = Math.max(scale, 1);
      first = new int[size];
      int[] end = new int[size];
      int widest = 0;
      for (int out = 0; out < size; out++) {
        double center = (out + 0.5) * scale;
        first[out] = Math.max((int) (center - support + 0.5), 0);
        end[out] = Math.min((int) (center + support + 0.5), length);
        widest = Math.max(widest, end[out] - first[out]);
      }
      taps = widest;
      weights = new int[size * taps];
      for (int out = 0; out < size; out++) {
        double center = (out + 0.5) * scale;
        int low = first[out];
        first[out] = Math.min(low, length - taps);
        double sum = 0;
        for (int x = low; x < end[out]; x++) {
          sum += triangle(x, center, support);
        }
        for (int x = low; x < end[out]; x++) {
          double weight = triangle(x, center, support) / sum;
          weights[out * taps + x - first[out]] = (int) (0.5 + weight * (1 << FRACTION));
        }
      }
      if (mirrored) {
        mirror();
      }
    }

    private static double triangle(int x, double center, double support) {
      return Math.max(0, 1 - Math.abs((x - center + 0.5) / support));
    }

    private void mirror() {
      for (int left = 0, right = first.length - 1; left < right; left++, right--) {
        int start = first[left];
        first[left] = first[right];
        first[right] = start;
        for (int k = 0; k < taps; k++) {
          int weight = weights[left * taps + k];
          weights[left * taps + k] = weights[right * taps + k];
          weights[right * taps + k] = weight;
        }
      }
    }
  }
}
