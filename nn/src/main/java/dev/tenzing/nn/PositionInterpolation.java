package dev.tenzing.nn;

/**
 * Learned positions for clips of another size than they were learned on, as the official
 * fine-tuning scripts make them with {@code torch.nn.functional.interpolate} ({@code
 * align_corners=False}): new places lie at (i + 0.5) old / new - 0.5, and beyond the border its
 * value goes on.
 */
public final class PositionInterpolation {
  /** PyTorch's coefficient of the cubic convolution (Keys, 1981). */
  private static final double A = -0.75;

  private PositionInterpolation() {}

  /**
   * Every slot resized, bicubic.
   *
   * @param positions [T, H, W, C]
   * @param slots T
   * @param rows H
   * @param columns W
   * @param newRows H of the result
   * @param newColumns W of the result
   * @return [T, newRows, newColumns, C]
   */
  public static float[] spatial(
      float[] positions, int slots, int rows, int columns, int newRows, int newColumns) {
    int c = width(positions, (long) slots * rows * columns);
    float[] result = new float[Math.multiplyExact(slots * newRows * newColumns, c)];
    double[] across = new double[4];
    double[] down = new double[4];
    for (int y = 0; y < newRows; y++) {
      int top = cubic(y, rows, newRows, down);
      for (int x = 0; x < newColumns; x++) {
        int left = cubic(x, columns, newColumns, across);
        for (int t = 0; t < slots; t++) {
          int target = ((t * newRows + y) * newColumns + x) * c;
          for (int k = 0; k < c; k++) {
            double sum = 0;
            for (int i = 0; i < 4; i++) {
              int row = Math.clamp(top + i, 0, rows - 1);
              double line = 0;
              for (int j = 0; j < 4; j++) {
                int column = Math.clamp(left + j, 0, columns - 1);
                line += across[j] * positions[((t * rows + row) * columns + column) * c + k];
              }
              sum += down[i] * line;
            }
            result[target + k] = (float) sum;
          }
        }
      }
    }
    return result;
  }

  /**
   * Another number of slots, linear.
   *
   * @param positions [T, L, C]
   * @param slots T
   * @param perSlot L
   * @param newSlots T of the result
   * @return [newSlots, L, C]
   */
  public static float[] temporal(float[] positions, int slots, int perSlot, int newSlots) {
    int row = perSlot * width(positions, (long) slots * perSlot);
    float[] result = new float[Math.multiplyExact(newSlots, row)];
    for (int t = 0; t < newSlots; t++) {
      double at = Math.max(0, place(t, slots, newSlots));
      int before = Math.min((int) at, slots - 1);
      int after = Math.min(before + 1, slots - 1);
      double share = at - before;
      for (int i = 0; i < row; i++) {
        result[t * row + i] =
            (float)
                ((1 - share) * positions[before * row + i] + share * positions[after * row + i]);
      }
    }
    return result;
  }

  private static int width(float[] positions, long tokens) {
    if (tokens < 1 || positions.length % tokens != 0) {
      throw new IllegalArgumentException(
          "%s values are no positions of %s tokens".formatted(positions.length, tokens));
    }
    return (int) (positions.length / tokens);
  }

  private static double place(int i, int old, int now) {
    return (i + 0.5) * old / now - 0.5;
  }

  /** Weights of the four places around a new place; returns the first of them. */
  private static int cubic(int i, int old, int now, double[] weights) {
    double at = place(i, old, now);
    int floor = (int) Math.floor(at);
    double t = at - floor;
    weights[0] = far(t + 1);
    weights[1] = near(t);
    weights[2] = near(1 - t);
    weights[3] = far(2 - t);
    return floor - 1;
  }

  private static double near(double x) {
    return ((A + 2) * x - (A + 3)) * x * x + 1;
  }

  private static double far(double x) {
    return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
  }
}
