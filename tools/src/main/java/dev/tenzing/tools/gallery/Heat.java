package dev.tenzing.tools.gallery;

/** Colours of magnitudes: from black over violet and orange to light yellow. */
final class Heat {
  private static final int[] STOPS = {0x000004, 0x420a68, 0x932667, 0xdd513a, 0xfca50a, 0xfcffa4};

  private Heat() {}

  /** The colour {@code 0xRRGGBB} of a value from 0 to 1. */
  static int color(double value) {
    double at = Math.clamp(value, 0, 1) * (STOPS.length - 1);
    int below = Math.min((int) at, STOPS.length - 2);
    int color = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int from = STOPS[below] >> shift & 0xff;
      int to = STOPS[below + 1] >> shift & 0xff;
      color |= (int) Math.round(from + (at - below) * (to - from)) << shift;
    }
    return color;
  }
}
