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
  /** Square clips. */
  public static ClipShape square(int frames, int size) {
    return new ClipShape(frames, size, size);
  }

  /**
   * The tokens of such a clip.
   *
   * @throws IllegalArgumentException when a side is not a multiple of the patch or the frames of
   *     the tubelet
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
    return new TokenGrid(frames / tubelet, height / patch, width / patch);
  }
}
