package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;

/** A change of a picture with all its parameters fixed, so that it does the same to each frame. */
public interface PictureTransform {
  /**
   * The part of a picture that must be right before, for {@code wanted} to be right afterwards.
   * Only what will be seen need be computed: a crop that keeps a third of a frame costs a third.
   *
   * @param width of the picture, pixels
   * @param height of the picture, pixels
   */
  Crop reads(Crop wanted, int width, int height);

  /** Changes the picture; outside of {@code wanted} it may come out as anything. */
  void apply(Picture picture, Crop wanted);
}
