package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;

/**
 * Pillow's {@code ImageEnhance.Brightness}.
 *
 * @param factor 0 is black, 1 the picture
 */
record Brightness(float factor) implements PointTransform {
  @Override
  public void apply(Picture picture, Crop wanted) {
    picture.map(Blend.table(0, factor));
  }
}
