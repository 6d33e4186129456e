package dev.tenzing.video.augment;

import dev.tenzing.video.augment.RandomErasing.Mode;
import dev.tenzing.video.random.KeyedRandom;
import dev.tenzing.video.transform.Crop;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Boxes to paint over in every frame of a clip.
 *
 * @param boxes inside the picture
 * @param mode with what
 * @param key of the random colours
 */
public record Erasure(List<Crop> boxes, Mode mode, long key) {
  /**
   * Paints.
   *
   * @param clip RGB24 bytes [T, size, size, 3]
   */
  public void apply(MemorySegment clip, int frames, int size) {
    KeyedRandom random = new KeyedRandom(key);
    long frameBytes = 3L * size * size;
    for (Crop box : boxes) {
      byte[] paint = new byte[3 * box.width() * box.height()];
      for (int frame = 0; frame < frames; frame++) {
        mix(paint, random);
        for (int y = 0; y < box.height(); y++) {
          long to = frame * frameBytes + 3 * ((long) (box.y() + y) * size + box.x());
          int row = 3 * box.width();
          MemorySegment.copy(paint, y * row, clip, ValueLayout.JAVA_BYTE, to, row);
        }
      }
    }
  }

  private void mix(byte[] paint, KeyedRandom random) {
    switch (mode) {
      case PIXEL -> NormalNoise.fill(paint, paint.length / 3, random);
      case RAND -> fill(paint, random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
      case CONST -> fill(paint, 0, 0, 0);
    }
  }

  private static void fill(byte[] paint, double... normalised) {
    for (int i = 0; i < paint.length; i++) {
      paint[i] = NormalNoise.toByte(i % 3, normalised[i % 3]);
    }
  }
}
