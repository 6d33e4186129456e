package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;

/** Pillow's {@code ImageOps.equalize}: each channel's values spread evenly. */
record Equalize() implements PointTransform {
  @Override
  public boolean looksAtPicture() {
    return true;
  }

  @Override
  public void apply(Picture picture, Crop wanted) {
    int[][] counts = picture.histograms();
    int pixels = picture.width() * picture.height();
    for (int channel = 0; channel < 3; channel++) {
      int highest = 255;
      while (highest > 0 && counts[channel][highest] == 0) {
        highest--;
      }
      // A channel of one value has a step of 0 as well.
      int step = (pixels - counts[channel][highest]) / 255;
      if (step > 0) {
        int[] below = new int[256];
        for (int v = 1; v < 256; v++) {
          below[v] = below[v - 1] + counts[channel][v - 1];
        }
        picture.map(channel, PointTransform.table(v -> (step / 2 + below[v]) / step));
      }
    }
  }
}
