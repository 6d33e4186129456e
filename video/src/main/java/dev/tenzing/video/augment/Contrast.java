package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;

/**
 * Pillow's {@code ImageEnhance.Contrast}.
 *
 * @param factor 0 is the picture's mean grey all over, 1 the picture
 */
record Contrast(float factor) implements PointTransform {
  @Override
  public boolean looksAtPicture() {
    return true;
  }

  @Override
  public void apply(Picture picture, Crop wanted) {
    picture.map(Blend.table(meanGray(picture), factor));
  }

  private static int meanGray(Picture picture) {
    int pixels = picture.width() * picture.height();
    byte[] rgb = picture.settled(new Crop(0, 0, picture.width(), picture.height()));
    long sum = 0;
    for (int i = 0, end = 3 * pixels; i < end; i += 3) {
      sum += Blend.gray(rgb[i] & 0xFF, rgb[i + 1] & 0xFF, rgb[i + 2] & 0xFF);
    }
    return (int) ((double) sum / pixels + 0.5);
  }
}
