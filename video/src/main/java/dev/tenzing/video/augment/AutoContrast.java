package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;

/** Pillow's {@code ImageOps.autocontrast}: each channel stretched to the full range. */
record AutoContrast() implements PointTransform {
  @Override
  public boolean looksAtPicture() {
    return true;
  }

  @Override
  public void apply(Picture picture, Crop wanted) {
    int[][] counts = picture.histograms();
    for (int channel = 0; channel < 3; channel++) {
      int low = 0;
      int high = 255;
      while (low < 255 && counts[channel][low] == 0) {
        low++;
      }
      while (high > 0 && counts[channel][high] == 0) {
        high--;
      }
      if (high > low) {
        double scale = 255.0 / (high - low);
        double offset = -low * scale;
        picture.map(channel, PointTransform.table(v -> (int) (v * scale + offset)));
      }
    }
  }
}
