package dev.tenzing.tools.gallery;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.NormalizeVideo;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.Pixels;
import dev.tenzing.tools.picture.Picture;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.load.Catalog;
import dev.tenzing.video.load.ClipPolicy;
import dev.tenzing.video.load.ClipReader;
import dev.tenzing.video.sample.Sampling;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * A decoded clip.
 *
 * @param shape its size
 * @param pixels U8 RGB [T, H, W, 3]
 */
public record ClipPixels(ClipShape shape, MemorySegment pixels) {
  /** Rejects memory of another size. */
  public ClipPixels {
    long bytes = 3L * shape.frames() * shape.height() * shape.width();
    if (pixels.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "a clip of %s needs %s bytes, got %s".formatted(shape, bytes, pixels.byteSize()));
    }
  }

  /**
   * The clip from the middle of a video, as validation draws it.
   *
   * @param shape square
   * @param sampling chooses its frames
   * @param arena owns the pixels
   */
  public static ClipPixels middle(Path video, ClipShape shape, Sampling sampling, Arena arena)
      throws VideoException {
    ClipPolicy policy = ClipPolicy.validation(sampling, shape.height());
    MemorySegment pixels = arena.allocate(ClipReader.bytes(policy));
    try (ClipReader reader = new ClipReader(policy, new Catalog(), null)) {
      reader.read(new VideoList.Entry(video, -1), 0, pixels);
    }
    return new ClipPixels(shape, pixels);
  }

  /**
   * Some slots of it.
   *
   * @param slots ascending
   * @param tubelet frames of a slot
   * @param arena owns the pixels
   */
  public ClipPixels slots(int[] slots, int tubelet, Arena arena) {
    ClipShape shorter = new ClipShape(slots.length * tubelet, shape.height(), shape.width());
    long slotBytes = 3L * tubelet * shape.height() * shape.width();
    MemorySegment chosen = arena.allocate(slots.length * slotBytes);
    for (int i = 0; i < slots.length; i++) {
      MemorySegment.copy(pixels, slots[i] * slotBytes, chosen, i * slotBytes, slotBytes);
    }
    return new ClipPixels(shorter, chosen);
  }

  /** As the models take it: [1, 3, T, H, W], normalised. */
  Tensor video(Device device) {
    Tensor bytes =
        device.tensor(
            DType.U8, Shape.of(1, shape.frames(), shape.height(), shape.width(), 3), pixels);
    return NormalizeVideo.apply(bytes, Pixels.MEAN, Pixels.STD);
  }

  /** One frame. */
  Picture frame(int index) {
    int bytes = 3 * shape.height() * shape.width();
    byte[] rgb = pixels.asSlice((long) index * bytes, bytes).toArray(ValueLayout.JAVA_BYTE);
    return Picture.of(shape.width(), shape.height(), rgb);
  }
}
