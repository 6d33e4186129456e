package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;

/**
 * A change that gives each value of a channel another value wherever it stands. The picture only
 * notes it: consecutive ones become one table and one pass over the pixels.
 */
interface PointTransform extends PictureTransform {
  /** Whether the tables depend on what is in the picture. */
  default boolean looksAtPicture() {
    return false;
  }

  @Override
  default Crop reads(Crop wanted, int width, int height) {
    return looksAtPicture() ? new Crop(0, 0, width, height) : wanted;
  }
}
