package dev.tenzing.tools.gallery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.op.Patchify;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.tools.picture.Picture;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class GalleryTest {
  private static final int SIDE = 16;
  private static final int PATCH = 8;
  private static final TokenGrid GRID = new TokenGrid(2, 2, 2);

  /** Grey, except that the lower left patch turns white in slot 1. */
  private static ClipPixels clip() {
    byte[] pixels = new byte[4 * SIDE * SIDE * 3];
    for (int i = 0; i < pixels.length; i++) {
      int frame = i / (SIDE * SIDE * 3);
      int y = i / (SIDE * 3) % SIDE;
      int x = i / 3 % SIDE;
      pixels[i] = (byte) (frame >= 2 && y >= PATCH && x < PATCH ? 255 : 128);
    }
    return new ClipPixels(ClipShape.square(4, SIDE), MemorySegment.ofArray(pixels));
  }

  @Test
  void slotsShowTheirFirstFrameAndTokensTheirSquare() {
    SlotFrames frames = SlotFrames.of(clip(), GRID);
    assertEquals(2, frames.frames().size());
    assertEquals(0x808080, frames.frames().get(0).get(0, 15));
    assertEquals(0xffffff, frames.frames().get(1).get(0, 15));
    frames.tint(7, 0xff0000, 1);
    assertEquals(0xff0000, frames.frames().get(1).get(8, 8));
    assertEquals(0x808080, frames.frames().get(1).get(8, 7));
    assertEquals(0xffffff, frames.frames().get(1).get(7, 8));
    assertEquals(0x808080, frames.frames().get(0).get(8, 8));
  }

  @Test
  void selectionKeepsWhatChanges() {
    try (Device device = Device.cpu(1)) {
      SelectionPicture drawn =
          SelectionPicture.of(
              device,
              video -> Patchify.apply(video, 2, PATCH),
              GRID,
              new ReRoSelection(0.75, 0),
              clip());
      assertEquals(8, drawn.tokens());
      assertEquals(2, drawn.kept());
      assertArrayEquals(new int[] {1, 1}, drawn.perSlot());
      Picture picture = drawn.picture();
      int row = 2 * 4 + 18 + 112 + 4 + 18 + 4; // margin, caption, frames, caption and gaps between
      int left = 4;
      assertEquals(0x40e060, picture.get(left, row + 111), "the kept token is outlined");
      assertEquals(0x808080, picture.get(left + 28, row + 84), "and clear");
      assertEquals(0x202020, picture.get(left + 84, row + 84), "another is dimmed");
    }
  }

  @Test
  void clipsOfAnotherSizeAreRefused() {
    MemorySegment pixels = MemorySegment.ofArray(new byte[5]);
    assertThrows(
        IllegalArgumentException.class, () -> new ClipPixels(ClipShape.square(2, 16), pixels));
  }
}
