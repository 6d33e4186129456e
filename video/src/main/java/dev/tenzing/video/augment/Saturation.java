package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;

/**
 * Pillow's {@code ImageEnhance.Color}.
 *
 * @param factor 0 is the grey picture, 1 the picture
 */
record Saturation(float factor) implements PictureTransform {
  @Override
  public Crop reads(Crop wanted, int width, int height) {
    return wanted;
  }

  @Override
  public void apply(Picture picture, Crop wanted) {
    byte[] rgb = picture.settled(wanted);
    for (int y = wanted.y(); y < wanted.y() + wanted.height(); y++) {
      int from = 3 * (y * picture.width() + wanted.x());
      for (int i = from, end = from + 3 * wanted.width(); i < end; i += 3) {
        int r = rgb[i] & 0xFF;
        int g = rgb[i + 1] & 0xFF;
        int b = rgb[i + 2] & 0xFF;
        int gray = Blend.gray(r, g, b);
        rgb[i] = Blend.of(gray, r, factor);
        rgb[i + 1] = Blend.of(gray, g, factor);
        rgb[i + 2] = Blend.of(gray, b, factor);
      }
    }
  }
}
