package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;

/**
 * Pillow's {@code ImageEnhance.Sharpness}.
 *
 * @param factor 0 is the picture smoothed by a 3 x 3 filter, 1 the picture, 2 is sharper
 */
record Sharpness(float factor) implements PictureTransform {
  /** Weight of a pixel itself; its eight neighbours weigh 1. */
  private static final int CENTER = 5;

  private static final int SUM = CENTER + 8;

  @Override
  public Crop reads(Crop wanted, int width, int height) {
    int left = Math.max(wanted.x() - 1, 0);
    int top = Math.max(wanted.y() - 1, 0);
    int right = Math.min(wanted.x() + wanted.width() + 1, width);
    int bottom = Math.min(wanted.y() + wanted.height() + 1, height);
    return new Crop(left, top, right - left, bottom - top);
  }

  @Override
  public void apply(Picture picture, Crop wanted) {
    int width = picture.width();
    int height = picture.height();
    byte[] rgb = picture.settled(reads(wanted, width, height));
    byte[] out = picture.spare();
    int stride = 3 * width;
    int[] columns = new int[stride];
    for (int y = wanted.y(); y < wanted.y() + wanted.height(); y++) {
      int from = y * stride + 3 * wanted.x();
      if (y == 0 || y == height - 1 || width < 3) {
        // Pixels at the edge are not smoothed, so they stay.
        System.arraycopy(rgb, from, out, from, 3 * wanted.width());
      } else {
        line(rgb, out, y * stride, stride, wanted, columns);
      }
    }
    picture.swap();
  }

  private void line(byte[] rgb, byte[] out, int line, int stride, Crop wanted, int[] columns) {
    int first = 3 * wanted.x();
    int end = first + 3 * wanted.width();
    for (int i = Math.max(first - 3, 0), last = Math.min(end + 3, stride); i < last; i++) {
      int at = line + i;
      columns[i] = (rgb[at - stride] & 0xFF) + (rgb[at] & 0xFF) + (rgb[at + stride] & 0xFF);
    }
    int inner = Math.min(end, stride - 3);
    for (int i = Math.max(first, 3); i < inner; i++) {
      int value = rgb[line + i] & 0xFF;
      int sum = columns[i - 3] + columns[i] + columns[i + 3] + (CENTER - 1) * value;
      out[line + i] = Blend.of((sum + SUM / 2) / SUM, value, factor);
    }
    if (first == 0) {
      System.arraycopy(rgb, line, out, line, 3);
    }
    if (end == stride) {
      System.arraycopy(rgb, line + stride - 3, out, line + stride - 3, 3);
    }
  }
}
