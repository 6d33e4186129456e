package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;

/**
 * Brightens the darker half of the values.
 *
 * @param amount added to values below 128
 */
record SolarizeAdd(int amount) implements PointTransform {
  private static final int THRESHOLD = 128;

  @Override
  public void apply(Picture picture, Crop wanted) {
    picture.map(PointTransform.table(v -> v < THRESHOLD ? v + amount : v));
  }
}
