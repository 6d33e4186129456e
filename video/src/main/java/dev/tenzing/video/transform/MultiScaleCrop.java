package dev.tenzing.video.transform;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The crop of masked pre-training (from TSN, Wang et al., ECCV 2016): width and height are each one
 * of four fractions of the shorter side, at most one step apart, at one of thirteen fixed places.
 */
public final class MultiScaleCrop {
  private static final double[] SCALES = {1, 0.875, 0.75, 0.66};
  private static final int MAX_DISTORTION = 1;

  /** Places in quarters of the free width and height: corners, middle, edges, quarter points. */
  private static final int[][] PLACES = {
    {0, 0}, {4, 0}, {0, 4}, {4, 4}, {2, 2}, {0, 2}, {4, 2}, {2, 4}, {2, 0}, {1, 1}, {3, 1}, {1, 3},
    {3, 3}
  };

  private MultiScaleCrop() {}

  /**
   * Draws a crop.
   *
   * @param size the side to which it will be scaled; a crop within 2 pixels of it is made equal
   */
  public static Crop draw(int width, int height, int size, RandomGenerator random) {
    List<int[]> pairs = new ArrayList<>();
    for (int i = 0; i < SCALES.length; i++) {
      for (int j = 0; j < SCALES.length; j++) {
        if (Math.abs(i - j) <= MAX_DISTORTION) {
          pairs.add(new int[] {side(width, height, size, j), side(width, height, size, i)});
        }
      }
    }
    int[] pair = pairs.get(random.nextInt(pairs.size()));
    int[] place = PLACES[random.nextInt(PLACES.length)];
    int x = place[0] * ((width - pair[0]) / 4);
    int y = place[1] * ((height - pair[1]) / 4);
    return new Crop(x, y, pair[0], pair[1]);
  }

  private static int side(int width, int height, int size, int scale) {
    int shortSide = Math.min(width, height);
    int side = (int) (shortSide * SCALES[scale]);
    // The reference lets a crop outgrow the picture by the 2 pixels and fills them with black.
    return Math.abs(side - size) < 3 ? Math.min(size, shortSide) : side;
  }
}
