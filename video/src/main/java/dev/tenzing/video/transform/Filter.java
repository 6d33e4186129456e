package dev.tenzing.video.transform;

/**
 * Where each output pixel reads and with which weights, as in Pillow's bilinear filter: a triangle
 * that widens when the picture shrinks, weights with {@link #FRACTION} fractional bits. Every
 * output has the same number of taps, missing ones weighing nothing, and none reads beyond the
 * input.
 */
final class Filter {
  /** Fractional bits of a weight. */
  static final int FRACTION = 22;

  /** Half of one, for rounding. */
  static final int HALF = 1 << (FRACTION - 1);

  /** Pixels of the input. */
  final int length;

  final boolean mirrored;

  /** Input pixels that an output pixel reads. */
  final int taps;

  /** The first input pixel of each output pixel. */
  final int[] first;

  /** [outputs, taps]. */
  final int[] weights;

  /** The same for vectors; null when not made, or when an output reads too far for one. */
  VectorRows.Table table;

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
