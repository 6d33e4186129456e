package dev.tenzing.video.decode;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How stored pixels are turned or mirrored for display: {@code x' = a x + c y, y' = b x + d y} with
 * entries -1, 0 and 1, shifted so that the picture starts at (0, 0). Taken from a container's
 * display matrix; a matrix that is not a multiple of 90 degrees is ignored, as players do.
 */
record Orientation(int a, int b, int c, int d) {
  static final Orientation UPRIGHT = new Orientation(1, 0, 0, 1);

  /** From FFmpeg's display matrix, row-major 3 x 3 in 16.16 fixed point. */
  static Orientation of(int[] matrix) {
    int a = unit(matrix[0]);
    int b = unit(matrix[1]);
    int c = unit(matrix[3]);
    int d = unit(matrix[4]);
    boolean straight = a * d != 0 && b == 0 && c == 0;
    boolean turned = b * c != 0 && a == 0 && d == 0;
    return straight || turned ? new Orientation(a, b, c, d) : UPRIGHT;
  }

  private static int unit(int fixed) {
    return Math.abs(fixed) < 1 << 15 ? 0 : Integer.signum(fixed);
  }

  /** Whether width and height are exchanged. */
  boolean transposes() {
    return a == 0;
  }

  /** Degrees clockwise, 0, 90, 180 or 270, not counting a mirroring. */
  int degrees() {
    if (transposes()) {
      return b > 0 ? 90 : 270;
    }
    return d > 0 ? 0 : 180;
  }

  /**
   * Copies a stored RGB24 picture into its displayed place.
   *
   * @param source stored pixels, {@code stride} bytes a row
   * @param width of the stored picture, pixels
   * @param height of the stored picture, pixels
   * @param target displayed pixels, densely packed
   */
  void copy(MemorySegment source, long stride, int width, int height, MemorySegment target) {
    if (equals(UPRIGHT)) {
      long row = 3L * width;
      for (int y = 0; y < height; y++) {
        MemorySegment.copy(source, y * stride, target, y * row, row);
      }
      return;
    }
    int outWidth = transposes() ? height : width;
    int outHeight = transposes() ? width : height;
    int originX = a + c < 0 ? outWidth - 1 : 0;
    int originY = b + d < 0 ? outHeight - 1 : 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        long from = y * stride + 3L * x;
        long to = 3L * ((long) (originY + b * x + d * y) * outWidth + originX + a * x + c * y);
        for (int channel = 0; channel < 3; channel++) {
          target.set(
              ValueLayout.JAVA_BYTE,
              to + channel,
              source.get(ValueLayout.JAVA_BYTE, from + channel));
        }
      }
    }
  }
}
