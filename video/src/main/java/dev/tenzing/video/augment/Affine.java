package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Rotates, shears or shifts a picture as Pillow's {@code rotate} and {@code transform} do. What
 * comes from outside the picture gets the mean colour of the normalisation.
 *
 * @param kind what is done
 * @param amount degrees counter-clockwise; shear; or share of the side by which it moves left or up
 * @param interpolation between pixels
 */
record Affine(Kind kind, double amount, Interpolation interpolation) implements PictureTransform {
  /** What is done. */
  enum Kind {
    ROTATE,
    SHEAR_X,
    SHEAR_Y,
    TRANSLATE_X,
    TRANSLATE_Y
  }

  private static final byte[] FILL = {124, 116, 104};

  @Override
  public Crop reads(Crop wanted, int width, int height) {
    return new Crop(0, 0, width, height);
  }

  @Override
  public void apply(Picture picture, Crop wanted) {
    int width = picture.width();
    int height = picture.height();
    byte[] rgb = picture.settled(reads(wanted, width, height));
    byte[] out = picture.spare();
    double[] m = matrix(width, height);
    for (int y = wanted.y(); y < wanted.y() + wanted.height(); y++) {
      if (interpolation == Interpolation.BILINEAR) {
        bilinear(rgb, out, width, height, m, wanted, y);
      } else {
        bicubic(rgb, out, width, height, m, wanted, y);
      }
    }
    picture.swap();
  }

  /** Where pixel (x, y) comes from: (m0 x + m1 y + m2, m3 x + m4 y + m5). */
  private double[] matrix(int width, int height) {
    return switch (kind) {
      case ROTATE -> rotation(width / 2.0, height / 2.0);
      case SHEAR_X -> new double[] {1, amount, 0, 0, 1, 0};
      case SHEAR_Y -> new double[] {1, 0, 0, amount, 1, 0};
      case TRANSLATE_X -> new double[] {1, 0, amount * width, 0, 1, 0};
      case TRANSLATE_Y -> new double[] {1, 0, 0, 0, 1, amount * height};
    };
  }

  private double[] rotation(double centerX, double centerY) {
    double degrees = amount % 360;
    double angle = -((degrees < 0 ? degrees + 360 : degrees) * (Math.PI / 180));
    double cos = round(StrictMath.cos(angle));
    double sin = round(StrictMath.sin(angle));
    double minusSin = round(-StrictMath.sin(angle));
    return new double[] {
      cos,
      sin,
      cos * -centerX + sin * -centerY + centerX,
      minusSin,
      cos,
      minusSin * -centerX + cos * -centerY + centerY
    };
  }

  /** To 15 decimals, as Pillow does. */
  private static double round(double value) {
    return new BigDecimal(value).setScale(15, RoundingMode.HALF_EVEN).doubleValue();
  }

  private static void bilinear(
      byte[] rgb, byte[] out, int width, int height, double[] m, Crop wanted, int y) {
    double yin = y + 0.5;
    int to = 3 * (y * width + wanted.x());
    for (int x = wanted.x(); x < wanted.x() + wanted.width(); x++, to += 3) {
      double xin = x + 0.5;
      double sx = m[0] * xin + m[1] * yin + m[2];
      double sy = m[3] * xin + m[4] * yin + m[5];
      if (!(sx >= 0 && sx < width && sy >= 0 && sy < height)) {
        fill(out, to);
        continue;
      }
      int left = floor(sx - 0.5);
      int top = floor(sy - 0.5);
      double dx = sx - 0.5 - left;
      double dy = sy - 0.5 - top;
      int x0 = 3 * Math.max(left, 0);
      int x1 = 3 * Math.min(left + 1, width - 1);
      int upper = 3 * width * Math.max(top, 0);
      int lower = 3 * width * Math.min(top + 1, height - 1);
      for (int c = 0; c < 3; c++) {
        double above = between(rgb[upper + x0 + c] & 0xFF, rgb[upper + x1 + c] & 0xFF, dx);
        double below = between(rgb[lower + x0 + c] & 0xFF, rgb[lower + x1 + c] & 0xFF, dx);
        out[to + c] = (byte) (int) between(above, below, dy);
      }
    }
  }

  private static void bicubic(
      byte[] rgb, byte[] out, int width, int height, double[] m, Crop wanted, int y) {
    double yin = y + 0.5;
    int stride = 3 * width;
    int to = 3 * (y * width + wanted.x());
    for (int x = wanted.x(); x < wanted.x() + wanted.width(); x++, to += 3) {
      double xin = x + 0.5;
      double sx = m[0] * xin + m[1] * yin + m[2];
      double sy = m[3] * xin + m[4] * yin + m[5];
      if (!(sx >= 0 && sx < width && sy >= 0 && sy < height)) {
        fill(out, to);
        continue;
      }
      int left = floor(sx - 0.5);
      int top = floor(sy - 0.5);
      double dx = sx - 0.5 - left;
      double dy = sy - 0.5 - top;
      int x0 = 3 * Math.max(left - 1, 0);
      int x1 = 3 * Math.max(left, 0);
      int x2 = 3 * Math.min(left + 1, width - 1);
      int x3 = 3 * Math.min(left + 2, width - 1);
      int row1 = stride * Math.max(top, 0);
      if (dy == 0) {
        // The rows around have no weight: shears and shifts to the side.
        for (int c = 0; c < 3; c++) {
          out[to + c] = limited(cubic(rgb, row1 + c, x0, x1, x2, x3, dx));
        }
        continue;
      }
      int row0 = stride * Math.max(top - 1, 0);
      int row2 = stride * Math.min(top + 1, height - 1);
      int row3 = stride * Math.min(top + 2, height - 1);
      if (dx == 0) {
        // Shears and shifts up and down.
        for (int c = x1; c < x1 + 3; c++) {
          out[to + c - x1] = limited(cubic(rgb, c, row0, row1, row2, row3, dy));
        }
        continue;
      }
      for (int c = 0; c < 3; c++) {
        double v0 = cubic(rgb, row0 + c, x0, x1, x2, x3, dx);
        double v1 = cubic(rgb, row1 + c, x0, x1, x2, x3, dx);
        double v2 = cubic(rgb, row2 + c, x0, x1, x2, x3, dx);
        double v3 = cubic(rgb, row3 + c, x0, x1, x2, x3, dx);
        out[to + c] = limited(cubic(v0, v1, v2, v3, dy));
      }
    }
  }

  private static void fill(byte[] out, int to) {
    out[to] = FILL[0];
    out[to + 1] = FILL[1];
    out[to + 2] = FILL[2];
  }

  /** Of a value from -0.5 on. */
  private static int floor(double value) {
    return value >= 0 ? (int) value : -1;
  }

  private static double between(double a, double b, double d) {
    return a + (b - a) * d;
  }

  /** Of four values at offsets from {@code at}: in a row, or one above the other. */
  private static double cubic(byte[] rgb, int at, int i0, int i1, int i2, int i3, double d) {
    return cubic(
        rgb[at + i0] & 0xFF, rgb[at + i1] & 0xFF, rgb[at + i2] & 0xFF, rgb[at + i3] & 0xFF, d);
  }

  /** Cubic convolution with a = -1 (Keys, 1981), in Pillow's order of operations. */
  private static double cubic(double v1, double v2, double v3, double v4, double d) {
    double p2 = -v1 + v3;
    double p3 = 2 * (v1 - v2) + v3 - v4;
    double p4 = -v1 + v2 - v3 + v4;
    return v2 + d * (p2 + d * (p3 + d * p4));
  }

  private static byte limited(double value) {
    return (byte) Math.max(0, Math.min(255, (int) value));
  }
}
