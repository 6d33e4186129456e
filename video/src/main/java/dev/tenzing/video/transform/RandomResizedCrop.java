package dev.tenzing.video.transform;

import java.util.random.RandomGenerator;

/**
 * The crop of supervised training (Szegedy et al., CVPR 2015): a random share of the picture's area
 * with a random ratio of its sides.
 *
 * @param minArea smallest share of the area
 * @param maxArea largest share
 * @param minRatio smallest width / height
 * @param maxRatio largest width / height
 */
public record RandomResizedCrop(double minArea, double maxArea, double minRatio, double maxRatio) {
  /** The reference's setting for fine-tuning. */
  public static final RandomResizedCrop FINETUNING = new RandomResizedCrop(0.08, 1, 0.75, 1.3333);

  private static final int TRIES = 10;

  /** Draws a crop; after ten that do not fit, the middle of the picture. */
  public Crop draw(int width, int height, RandomGenerator random) {
    for (int i = 0; i < TRIES; i++) {
      double area = random.nextDouble(minArea, maxArea) * width * height;
      double ratio = Math.exp(random.nextDouble(Math.log(minRatio), Math.log(maxRatio)));
      int w = (int) Math.rint(Math.sqrt(area * ratio));
      int h = (int) Math.rint(Math.sqrt(area / ratio));
      if (0 < w && w <= width && 0 < h && h <= height) {
        int y = random.nextInt(height - h + 1);
        int x = random.nextInt(width - w + 1);
        return new Crop(x, y, w, h);
      }
    }
    double ratio = (double) width / height;
    int w = ratio > maxRatio ? (int) Math.rint(height * maxRatio) : width;
    int h = ratio < minRatio ? (int) Math.rint(width / minRatio) : height;
    return new Crop((width - w) / 2, (height - h) / 2, w, h);
  }
}
