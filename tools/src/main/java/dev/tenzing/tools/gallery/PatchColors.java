package dev.tenzing.tools.gallery;

import dev.tenzing.everest.masking.TokenGrid;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Mean and spread of the pixels of a token, for red, green and blue: what a target normalised per
 * patch lacks.
 *
 * @param mean on the scale 0 to 1
 * @param spread {@code sqrt(unbiased variance) + 1e-6}, the divisor of {@link
 *     dev.tenzing.engine.op.PatchTargets}
 */
record PatchColors(double[] mean, double[] spread) {
  private static final double EPS = 1e-6;
  private static final int NEIGHBOURS = 4;

  /**
   * Those of each of some tokens.
   *
   * @param patches M patches of {@code pixels} RGB values
   */
  static PatchColors[] of(float[] patches, int pixels) {
    PatchColors[] colors = new PatchColors[patches.length / (3 * pixels)];
    for (int i = 0; i < colors.length; i++) {
      colors[i] = of(patches, i * 3 * pixels, pixels);
    }
    return colors;
  }

  private static PatchColors of(float[] patches, int at, int pixels) {
    double[] mean = new double[3];
    double[] spread = new double[3];
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < pixels; i++) {
        mean[c] += patches[at + 3 * i + c] / pixels;
      }
      double squares = 0;
      for (int i = 0; i < pixels; i++) {
        double centred = patches[at + 3 * i + c] - mean[c];
        squares += centred * centred;
      }
      spread[c] = Math.sqrt(squares / (pixels - 1)) + EPS;
    }
    return new PatchColors(mean, spread);
  }

  /**
   * Guesses those of a token from the nearest of some others: their mean, weighted by the inverse
   * square of the distance, in which a slot counts as much as a patch.
   *
   * @param known tokens whose colours are known
   * @param colors their colours
   */
  static PatchColors interpolated(TokenGrid grid, int token, int[] known, PatchColors[] colors) {
    int[] nearest =
        IntStream.range(0, known.length)
            .boxed()
            .sorted(Comparator.comparingInt(i -> squaredDistance(grid, token, known[i])))
            .limit(NEIGHBOURS)
            .mapToInt(Integer::intValue)
            .toArray();
    double total =
        Arrays.stream(nearest).mapToDouble(i -> 1.0 / squaredDistance(grid, token, known[i])).sum();
    double[] mean = new double[3];
    double[] spread = new double[3];
    for (int i : nearest) {
      double weight = 1.0 / squaredDistance(grid, token, known[i]) / total;
      for (int c = 0; c < 3; c++) {
        mean[c] += weight * colors[i].mean[c];
        spread[c] += weight * colors[i].spread[c];
      }
    }
    return new PatchColors(mean, spread);
  }

  private static int squaredDistance(TokenGrid grid, int a, int b) {
    int slots = a / grid.perSlot() - b / grid.perSlot();
    int rows = a % grid.perSlot() / grid.columns() - b % grid.perSlot() / grid.columns();
    int columns = a % grid.columns() - b % grid.columns();
    return slots * slots + rows * rows + columns * columns;
  }

  /** A pixel value 0 to 255 from a normalised one of channel {@code c}. */
  int toByte(float normalized, int c) {
    return toByte(normalized * spread[c] + mean[c]);
  }

  /** A pixel value 0 to 255 from one on the scale 0 to 1. */
  static int toByte(double value) {
    return (int) Math.round(255 * Math.clamp(value, 0, 1));
  }
}
