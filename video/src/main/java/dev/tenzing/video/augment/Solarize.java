package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;

/**
 * Pillow's {@code ImageOps.solarize}.
 *
 * @param threshold values from here on are inverted, 0 to 256
 */
record Solarize(int threshold) implements PointTransform {
  @Override
  public void apply(Picture picture, Crop wanted) {
    picture.map(PointTransform.table(v -> v < threshold ? v : 255 - v));
  }
}
