package dev.tenzing.video.transform;

/**
 * The size of a picture whose shorter side is scaled to a given length, the other one in
 * proportion, rounded down.
 */
public record ShortSide(int width, int height) {

  /** Scales {@code width} x {@code height} to a shorter side of {@code side} pixels. */
  public static ShortSide of(int width, int height, int side) {
    return width < height
        ? new ShortSide(side, (int) ((long) side * height / width))
        : new ShortSide((int) ((long) side * width / height), side);
  }
}
