package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;

/** Pillow's {@code ImageOps.invert}: {@code 255 - v}. */
record Invert() implements PointTransform {
  @Override
  public void apply(Picture picture, Crop wanted) {
    picture.map(PointTransform.table(v -> 255 - v));
  }
}
