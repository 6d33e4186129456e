package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;

/**
 * Pillow's {@code ImageOps.posterize}.
 *
 * @param bits highest bits of each value that stay, 0 to 8; 0 makes a black picture
 */
record Posterize(int bits) implements PointTransform {
  @Override
  public void apply(Picture picture, Crop wanted) {
    picture.map(PointTransform.table(v -> v & 0xFF00 >> bits));
  }
}
