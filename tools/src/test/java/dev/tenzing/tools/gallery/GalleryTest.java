package dev.tenzing.tools.gallery;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.PatchTargets;
import dev.tenzing.engine.op.Patchify;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.Pixels;
import dev.tenzing.tools.picture.Picture;
import java.lang.foreign.MemorySegment;
import java.util.Random;
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
              new ReRoSelection(0.75),
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
  void aPerfectPredictionPaintsTheFramesThemselves() {
    byte[] noise = new byte[4 * SIDE * SIDE * 3];
    new Random(1).nextBytes(noise);
    ClipPixels clip = new ClipPixels(ClipShape.square(4, SIDE), MemorySegment.ofArray(noise));
    int[] target = {0, 3, 6};
    try (Device device = Device.cpu(1);
        Scope scope = device.scope()) {
      Tensor video = clip.video(device);
      Tensor index = device.tensor(Shape.of(1, 3), target);
      float[] plain = targets(video, index, false);
      PatchColors[] truth = PatchColors.of(plain, 2 * PATCH * PATCH);
      SlotFrames painted =
          ReconstructionPicture.painted(
              clip,
              GRID,
              new int[] {1, 2, 4, 5, 7},
              target,
              targets(video, index, true),
              i -> truth[i]::toByte);
      for (int slot = 0; slot < 2; slot++) {
        for (int i = 0; i < SIDE * SIDE; i++) {
          assertEquals(
              clip.frame(2 * slot).get(i % SIDE, i / SIDE),
              painted.frames().get(slot).get(i % SIDE, i / SIDE),
              "slot " + slot + ", pixel " + i);
        }
      }
    }
  }

  private static float[] targets(Tensor video, Tensor index, boolean normalize) {
    return PatchTargets.apply(video, index, 2, PATCH, Pixels.MEAN, Pixels.STD, normalize)
        .toFloats();
  }

  @Test
  void clipsOfAnotherSizeAreRefused() {
    MemorySegment pixels = MemorySegment.ofArray(new byte[5]);
    assertThrows(
        IllegalArgumentException.class, () -> new ClipPixels(ClipShape.square(2, 16), pixels));
  }
}
