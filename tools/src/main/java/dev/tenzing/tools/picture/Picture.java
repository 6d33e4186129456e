package dev.tenzing.tools.picture;

import java.util.List;

/** An RGB canvas, 8 bits a channel, row-major [height, width, 3]; black when new. */
public final class Picture {
  private final int width;
  private final int height;
  private final byte[] rgb;

  /** A black picture. */
  public Picture(int width, int height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException("a picture of " + width + " x " + height + " pixels");
    }
    this.width = width;
    this.height = height;
    this.rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(width, height))];
  }

  /**
   * A picture of the given pixels, which are copied.
   *
   * @param rgb [height, width, 3]
   */
  public static Picture of(int width, int height, byte[] rgb) {
    Picture picture = new Picture(width, height);
    if (rgb.length != picture.rgb.length) {
      throw new IllegalArgumentException(
          "a picture of %s x %s pixels needs %s bytes, got %s"
              .formatted(width, height, picture.rgb.length, rgb.length));
    }
    System.arraycopy(rgb, 0, picture.rgb, 0, rgb.length);
    return picture;
  }

  /** Columns. */
  public int width() {
    return width;
  }

  /** Rows. */
  public int height() {
    return height;
  }

  /** The pixel at column {@code x} and row {@code y} as {@code 0xRRGGBB}. */
  public int get(int x, int y) {
    int at = index(x, y);
    return (rgb[at] & 0xff) << 16 | (rgb[at + 1] & 0xff) << 8 | rgb[at + 2] & 0xff;
  }

  /** Sets the pixel at column {@code x} and row {@code y} to {@code 0xRRGGBB}. */
  public void set(int x, int y, int color) {
    int at = index(x, y);
    rgb[at] = (byte) (color >> 16);
    rgb[at + 1] = (byte) (color >> 8);
    rgb[at + 2] = (byte) color;
  }

  private int index(int x, int y) {
    if (x < 0 || x >= width || y < 0 || y >= height) {
      throw new IndexOutOfBoundsException(
          "pixel (%s, %s) of a picture of %s x %s".formatted(x, y, width, height));
    }
    return 3 * (y * width + x);
  }

  /** Paints a rectangle in {@code 0xRRGGBB}. */
  public Picture fill(int x, int y, int w, int h, int color) {
    return tint(x, y, w, h, color, 1);
  }

  /**
   * Moves a rectangle towards a colour.
   *
   * @param color {@code 0xRRGGBB}
   * @param part 0 leaves it as it is, 1 paints it over
   */
  public Picture tint(int x, int y, int w, int h, int color, double part) {
    for (int row = y; row < y + h; row++) {
      for (int column = x; column < x + w; column++) {
        set(column, row, mix(get(column, row), color, part));
      }
    }
    return this;
  }

  private static int mix(int from, int to, double part) {
    int mixed = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int a = from >> shift & 0xff;
      int b = to >> shift & 0xff;
      mixed |= (int) Math.round(a + part * (b - a)) << shift;
    }
    return mixed;
  }

  /** Draws the border of a rectangle, one pixel wide, inside it, in {@code 0xRRGGBB}. */
  public Picture outline(int x, int y, int w, int h, int color) {
    fill(x, y, w, 1, color);
    fill(x, y + h - 1, w, 1, color);
    fill(x, y, 1, h, color);
    return fill(x + w - 1, y, 1, h, color);
  }

  /** Copies a picture here with its top left corner at (x, y); it must fit. */
  public Picture draw(Picture other, int x, int y) {
    if (x < 0 || y < 0 || x + other.width > width || y + other.height > height) {
      throw new IndexOutOfBoundsException(
          "%s x %s pixels at (%s, %s) of a picture of %s x %s"
              .formatted(other.width, other.height, x, y, width, height));
    }
    for (int row = 0; row < other.height; row++) {
      System.arraycopy(other.rgb, 3 * row * other.width, rgb, index(x, y + row), 3 * other.width);
    }
    return this;
  }

  /** This picture with every pixel drawn as a square of {@code times} pixels. */
  public Picture enlarged(int times) {
    Picture large = new Picture(width * times, height * times);
    for (int y = 0; y < large.height; y++) {
      for (int x = 0; x < large.width; x++) {
        large.set(x, y, get(x / times, y / times));
      }
    }
    return large;
  }

  /**
   * Pictures in rows, on white, {@code gap} pixels apart. Columns are as wide as their widest
   * picture, rows as high as their highest; a row may be shorter than the others.
   */
  public static Picture grid(List<List<Picture>> rows, int gap) {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] left = new int[columns + 1];
    for (int c = 0; c < columns; c++) {
      int widest = 0;
      for (List<Picture> row : rows) {
        widest = c < row.size() ? Math.max(widest, row.get(c).width) : widest;
      }
      left[c + 1] = left[c] + widest + gap;
    }
    int height = rows.stream().mapToInt(row -> highest(row) + gap).sum();
    Picture grid = new Picture(left[columns] - gap, height - gap);
    grid.fill(0, 0, grid.width, grid.height, 0xffffff);
    int top = 0;
    for (List<Picture> row : rows) {
      for (int c = 0; c < row.size(); c++) {
        grid.draw(row.get(c), left[c], top);
      }
      top += highest(row) + gap;
    }
    return grid;
  }

  private static int highest(List<Picture> row) {
    return row.stream().mapToInt(Picture::height).max().orElse(0);
  }

  /** The bytes themselves, [height, width, 3]. */
  byte[] rgb() {
    return rgb;
  }
}
