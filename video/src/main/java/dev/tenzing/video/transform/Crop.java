package dev.tenzing.video.transform;

/** A rectangle of a picture, in pixels from its upper left corner. */
public record Crop(int x, int y, int width, int height) {

  /** The middle square of a picture; a side shorter than {@code size} is taken whole. */
  public static Crop center(int width, int height, int size) {
    int w = Math.min(size, width);
    int h = Math.min(size, height);
    return new Crop((int) Math.rint((width - w) / 2.0), (int) Math.rint((height - h) / 2.0), w, h);
  }

  /**
   * One of {@code count} squares spread along the longer side of a picture, from its left or upper
   * end to the other: the three crops of multi-view testing. A single one is the middle.
   */
  public static Crop alongLongSide(int width, int height, int index, int count) {
    int side = Math.min(width, height);
    double spare = Math.max(width, height) - side;
    int at = (int) (count == 1 ? spare / 2 : index * (spare / (count - 1)));
    return height >= width ? new Crop(0, at, side, side) : new Crop(at, 0, side, side);
  }
}
