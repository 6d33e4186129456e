package dev.tenzing.video.augment;

import java.lang.foreign.MemorySegment;

/** Made pictures: value {@code c} of pixel (x, y) is a formula of the three. */
final class Pictures {
  private Pictures() {}

  static Picture of(String look, int width, int height) {
    Picture picture = new Picture();
    picture.load(MemorySegment.ofArray(bytes(look, width, height)), width, height);
    return picture;
  }

  static byte[] bytes(String look, int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) value(look, i / 3 % width, i / 3 / width, i % 3);
    }
    return rgb;
  }

  private static int value(String look, int x, int y, int c) {
    int noise = x * 37 + y * 59 + c * 83 + x * y & 255;
    return switch (look) {
      case "noise" -> noise;
      case "dim" -> 60 + (noise >> 2);
      case "smooth" -> x * 7 + y * 5 + c * 40 & 255;
      case "flat" -> 77;
      default -> throw new IllegalArgumentException(look);
    };
  }
}
