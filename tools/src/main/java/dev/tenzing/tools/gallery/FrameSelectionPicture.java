package dev.tenzing.tools.gallery;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Scope;
import dev.tenzing.everest.frames.FrameSelector;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.tools.picture.Lettering;
import dev.tenzing.tools.picture.Picture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Which frames of a clip are chosen and why: all of them, the kept tokens of every slot and their
 * number, and the importance of every token.
 *
 * @param picture a column a slot; those chosen are framed
 * @param perSlot tokens kept of each slot
 * @param chosen the slots drawn, ascending
 */
public record FrameSelectionPicture(Picture picture, int[] perSlot, int[] chosen) {
  private static final double FADE = 0.65;
  private static final int PAPER = 0xffffff;
  private static final int CHOSEN = 0x18a038;
  private static final int PASSED = 0xb0b0b0;
  private static final int BORDER = 3;
  private static final int BAR = 24;

  /**
   * Chooses and draws.
   *
   * @param clip the frames to choose from
   * @param draws random numbers of the choice
   */
  public static FrameSelectionPicture of(
      Device device, FrameSelector selector, ClipPixels clip, Rng.Stream draws) {
    TokenGrid grid = selector.grid();
    float[] importance;
    int[] kept;
    int[] chosen;
    try (Scope scope = device.scope()) {
      FrameSelector.Choice choice = selector.choose(clip.video(device), sample -> draws);
      importance = choice.importance().toFloats();
      kept = choice.kept().toInts();
      chosen = Arrays.copyOf(choice.slots().toInts(), (int) choice.slots().dim(1));
    }
    int[] perSlot = new int[grid.slots()];
    for (int token : kept) {
      perSlot[token / grid.perSlot()]++;
    }
    boolean[] isChosen = new boolean[grid.slots()];
    for (int slot : chosen) {
      isChosen[slot] = true;
    }
    return new FrameSelectionPicture(
        sheet(clip, grid, importance, kept, perSlot, isChosen), perSlot, chosen);
  }

  private static Picture sheet(
      ClipPixels clip,
      TokenGrid grid,
      float[] importance,
      int[] kept,
      int[] perSlot,
      boolean[] isChosen) {
    int tubelet = clip.shape().frames() / grid.slots();
    Sheet sheet = new Sheet();
    for (int i = 0; i < tubelet; i++) {
      sheet.row(
          "frame %s of each slot, those chosen framed".formatted(i + 1),
          frames(clip, grid, i, isChosen));
    }
    double largest = SelectionPicture.largest(importance);
    int width = Sheet.width(clip.shape().width());
    return sheet
        .row(
            "kept: %s of %s tokens, by slot".formatted(kept.length, grid.tokens()),
            bars(width, perSlot, isChosen))
        .row("where they are", SelectionPicture.selected(clip, grid, kept).frames())
        .row(
            String.format(Locale.ROOT, "importance, black 0 to yellow %.3g (largest)", largest),
            SelectionPicture.heat(clip, grid, importance, largest).frames())
        .picture();
  }

  private static List<Picture> frames(
      ClipPixels clip, TokenGrid grid, int frameOfSlot, boolean[] isChosen) {
    int tubelet = clip.shape().frames() / grid.slots();
    List<Picture> frames = new ArrayList<>();
    for (int slot = 0; slot < grid.slots(); slot++) {
      Picture frame = clip.frame(slot * tubelet + frameOfSlot);
      if (isChosen[slot]) {
        for (int i = 0; i < BORDER; i++) {
          frame.outline(i, i, frame.width() - 2 * i, frame.height() - 2 * i, CHOSEN);
        }
      } else {
        frame.tint(0, 0, frame.width(), frame.height(), PAPER, FADE);
      }
      frames.add(frame);
    }
    return frames;
  }

  /** A number a slot above a bar of its length. */
  private static List<Picture> bars(int width, int[] perSlot, boolean[] isChosen) {
    int most = Math.max(1, Arrays.stream(perSlot).max().orElse(0));
    List<Picture> bars = new ArrayList<>();
    for (int slot = 0; slot < perSlot.length; slot++) {
      Picture text = Lettering.of(perSlot[slot] + " kept");
      Picture bar = new Picture(Math.max(width, text.width()), text.height() + BAR);
      bar.fill(0, 0, bar.width(), bar.height(), PAPER);
      bar.draw(text, 0, 0);
      int length = (int) Math.round((double) perSlot[slot] / most * bar.width());
      bar.fill(0, text.height(), length, BAR, isChosen[slot] ? CHOSEN : PASSED);
      bars.add(bar);
    }
    return bars;
  }
}
