package dev.tenzing.video.augment;

import java.util.random.RandomGenerator;

/**
 * Bytes whose normalised values {@code (k / 255 - mean) / std} are standard normal, cut off at 0
 * and 255. Drawn from a table of quantiles, since an erased box takes hundreds of thousands of
 * them.
 */
final class NormalNoise {
  /** Of red, green, blue, on the scale 0 to 1: the ImageNet statistics, as all reference code. */
  private static final double[] MEAN = {0.485, 0.456, 0.406};

  private static final double[] STD = {0.229, 0.224, 0.225};
  private static final int BITS = 12;

  /** [3][4096]: the byte of each quantile of each channel. */
  private static final byte[][] QUANTILES = quantiles();

  private NormalNoise() {}

  /** Fills {@code pixels} RGB pixels from the start of {@code rgb}. */
  static void fill(byte[] rgb, int pixels, RandomGenerator random) {
    byte[] red = QUANTILES[0];
    byte[] green = QUANTILES[1];
    byte[] blue = QUANTILES[2];
    int mask = (1 << BITS) - 1;
    for (int i = 0; i < pixels; i++) {
      long bits = random.nextLong();
      rgb[3 * i] = red[(int) bits & mask];
      rgb[3 * i + 1] = green[(int) (bits >>> BITS) & mask];
      rgb[3 * i + 2] = blue[(int) (bits >>> 2 * BITS) & mask];
    }
  }

  /** The byte that normalises to {@code z}. */
  static byte toByte(int channel, double z) {
    double value = 255 * (MEAN[channel] + STD[channel] * z);
    return (byte) Math.clamp(Math.round(value), 0, 255);
  }

  private static byte[][] quantiles() {
    int count = 1 << BITS;
    byte[][] table = new byte[3][count];
    // The distribution function by the trapezoidal rule; 1e-4 is far below a byte's step.
    double step = 1e-4;
    double sum = 0;
    int next = 0;
    for (double z = -6; next < count; z += step) {
      sum += step * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
      while (next < count && (sum >= (next + 0.5) / count || z > 6)) {
        for (int channel = 0; channel < 3; channel++) {
          table[channel][next] = toByte(channel, z);
        }
        next++;
      }
    }
    return table;
  }
}
