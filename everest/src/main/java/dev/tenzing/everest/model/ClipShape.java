package dev.tenzing.everest.model;

import dev.tenzing.everest.masking.TokenGrid;

/**
 * Size of the clips a model is made for.
 *
 * @param frames T
 * @param height H in pixels
 * @param width W in pixels
 */
public record ClipShape(int frames, int height, int width) {
  /** The most tokens of a clip, 80 times those of 16 frames of 224 x 224. */
  public static final int MOST_TOKENS = 1 << 17;

  /** Most frames, and most pixels of a side. */
  private static final int MOST = 1 << 16;

  /** Rejects empty clips and impossibly large ones. */
  public ClipShape {
    if (frames < 1 || height < 1 || width < 1 || frames > MOST || height > MOST || width > MOST) {
      throw new IllegalArgumentException(
          "a clip has 1 to %s frames of 1 to %s pixels a side, not %s frames of %s x %s"
              .formatted(MOST, MOST, frames, height, width));
    }
  }

  /** Square clips. */
  public static ClipShape square(int frames, int size) {
    return new ClipShape(frames, size, size);
  }

  /**
   * The tokens of such a clip.
   *
   * @throws IllegalArgumentException when a side is not a multiple of the patch or the frames of
   *     the tubelet, or there are more than {@link #MOST_TOKENS}
   */
  public TokenGrid grid(VitConfig config) {
    int patch = config.patch();
    if (height < patch || width < patch || height % patch != 0 || width % patch != 0) {
      throw new IllegalArgumentException(
          "the image size must be a multiple of the patch size %s, got %s x %s"
              .formatted(patch, height, width));
    }
    int tubelet = config.tubelet();
    if (frames < tubelet || frames % tubelet != 0) {
      throw new IllegalArgumentException(
          "the number of frames must be a multiple of the tubelet %s, got %s"
              .formatted(tubelet, frames));
    }
    TokenGrid grid = new TokenGrid(frames / tubelet, height / patch, width / patch);
    long widest = Math.max(config.width(), config.decoderWidth());
    if (grid.tokens() > MOST_TOKENS || grid.tokens() * widest > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "clips of %s frames of %s x %s pixels make %s tokens of width %s, more than a model takes"
              .formatted(frames, height, width, grid.tokens(), widest));
    }
    return grid;
  }
}
