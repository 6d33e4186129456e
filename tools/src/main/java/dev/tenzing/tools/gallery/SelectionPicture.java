package dev.tenzing.tools.gallery;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.tools.picture.Picture;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * What ReRo selection keeps of a clip: the frames, the kept tokens among dimmed others, and the
 * importance of every token.
 *
 * @param picture the three rows, a column a slot
 * @param tokens tokens of the clip
 * @param kept tokens kept
 * @param perSlot tokens kept of each slot
 */
public record SelectionPicture(Picture picture, int tokens, int kept, int[] perSlot) {
  private static final double DIM = 0.75;
  private static final int OUTLINE = 0x40e060;

  /**
   * Selects and draws.
   *
   * @param embedding from video [1, 3, T, H, W] to tokens [1, N, C] before positions: {@code
   *     model::tokens}
   * @param grid the tokens that it makes
   */
  public static SelectionPicture of(
      Device device,
      UnaryOperator<Tensor> embedding,
      TokenGrid grid,
      TokenSelection selection,
      ClipPixels clip) {
    float[] importance;
    int[] kept;
    try (Scope scope = device.scope()) {
      Tensor measured = selection.importance(grid, embedding.apply(clip.video(device)));
      importance = measured.toFloats();
      kept = selection.kept(grid, selection.rank(measured)).toInts();
    }
    int[] perSlot = new int[grid.slots()];
    for (int token : kept) {
      perSlot[token / grid.perSlot()]++;
    }
    double largest = largest(importance);
    Picture picture =
        new Sheet()
            .row("first frame of each slot", SlotFrames.of(clip, grid).frames())
            .row(
                "kept: %s of %s tokens".formatted(kept.length, grid.tokens()),
                selected(clip, grid, kept).frames())
            .row(
                String.format(Locale.ROOT, "importance, black 0 to yellow %.3g (largest)", largest),
                heat(clip, grid, importance, largest).frames())
            .picture();
    return new SelectionPicture(picture, grid.tokens(), kept.length, perSlot);
  }

  static double largest(float[] importance) {
    double largest = 0;
    for (float value : importance) {
      largest = Math.max(largest, value);
    }
    return largest;
  }

  /** Frames whose tokens are dimmed where they are not kept. */
  static SlotFrames selected(ClipPixels clip, TokenGrid grid, int[] kept) {
    boolean[] isKept = new boolean[grid.tokens()];
    for (int token : kept) {
      isKept[token] = true;
    }
    SlotFrames frames = SlotFrames.of(clip, grid);
    for (int token = 0; token < grid.tokens(); token++) {
      if (!isKept[token]) {
        frames.tint(token, 0, DIM);
      }
    }
    for (int token : kept) {
      outline(frames, grid, token, isKept);
    }
    return frames;
  }

  /** Draws the sides of a kept token where the neighbour in its slot is not kept. */
  private static void outline(SlotFrames frames, TokenGrid grid, int token, boolean[] isKept) {
    int column = token % grid.columns();
    int row = token % grid.perSlot() / grid.columns();
    int x = frames.x(token);
    int y = frames.y(token);
    int side = frames.patch();
    Picture frame = frames.frame(token);
    if (row == 0 || !isKept[token - grid.columns()]) {
      frame.fill(x, y, side, 1, OUTLINE);
    }
    if (row == grid.rows() - 1 || !isKept[token + grid.columns()]) {
      frame.fill(x, y + side - 1, side, 1, OUTLINE);
    }
    if (column == 0 || !isKept[token - 1]) {
      frame.fill(x, y, 1, side, OUTLINE);
    }
    if (column == grid.columns() - 1 || !isKept[token + 1]) {
      frame.fill(x + side - 1, y, 1, side, OUTLINE);
    }
  }

  /** Importance by colour. */
  static SlotFrames heat(ClipPixels clip, TokenGrid grid, float[] importance, double largest) {
    SlotFrames frames = SlotFrames.of(clip, grid);
    for (int token = 0; token < grid.tokens(); token++) {
      frames.tint(token, Heat.color(largest > 0 ? importance[token] / largest : 0), 1);
    }
    return frames;
  }
}
