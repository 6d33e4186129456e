package dev.tenzing.video.augment;

/**
 * Pillow's {@code Image.blend}, on which its enhancements rest: from a degenerate picture (black,
 * grey, blurred) at factor 0 through the picture itself at 1 and beyond.
 */
final class Blend {
  /** Of red, green and blue in a grey value, in 65536ths (ITU-R 601-2, as Pillow's mode L). */
  private static final int RED = 19595;

  private static final int GREEN = 38470;
  private static final int BLUE = 7471;

  private Blend() {}

  /** The value {@code factor} of the way from one value to another, cut off, limited to a byte. */
  static byte of(int degenerate, int value, float factor) {
    float mixed = degenerate + factor * (value - degenerate);
    // Without branches: which way they go is noise, and costs more than the arithmetic.
    return (byte) Math.max(0, Math.min(255, (int) mixed));
  }

  /** All values blended with one. */
  static byte[] table(int degenerate, float factor) {
    byte[] table = new byte[256];
    for (int v = 0; v < 256; v++) {
      table[v] = of(degenerate, v, factor);
    }
    return table;
  }

  /** The grey value of a pixel, 0 to 255. */
  static int gray(int red, int green, int blue) {
    return (red * RED + green * GREEN + blue * BLUE + 0x8000) >> 16;
  }
}
