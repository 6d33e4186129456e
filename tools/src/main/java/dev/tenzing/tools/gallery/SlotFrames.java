package dev.tenzing.tools.gallery;

import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.tools.picture.Picture;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The first frame of every temporal slot, with access to the square of each token.
 *
 * @param grid tokens of the clip
 * @param patch side of a token's square in pixels
 * @param frames a picture a slot
 */
record SlotFrames(TokenGrid grid, int patch, List<Picture> frames) {
  /** Those of a clip. */
  static SlotFrames of(ClipPixels clip, TokenGrid grid) {
    int tubelet = clip.shape().frames() / grid.slots();
    return new SlotFrames(
        grid,
        clip.shape().height() / grid.rows(),
        IntStream.range(0, grid.slots()).mapToObj(slot -> clip.frame(slot * tubelet)).toList());
  }

  /** The picture a token lies in. */
  Picture frame(int token) {
    return frames.get(token / grid.perSlot());
  }

  /** Left edge of a token's square. */
  int x(int token) {
    return token % grid.columns() * patch;
  }

  /** Upper edge of a token's square. */
  int y(int token) {
    return token % grid.perSlot() / grid.columns() * patch;
  }

  /** Moves a token's square towards a colour; see {@link Picture#tint}. */
  void tint(int token, int color, double part) {
    frame(token).tint(x(token), y(token), patch, patch, color, part);
  }
}
