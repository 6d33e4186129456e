package dev.tenzing.video;

import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.VideoWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * Made clips whose every frame says which one it is: the upper half holds the index as eight bright
 * or dark stripes, lowest bit left; the lower half is red on the left and blue on the right.
 */
public final class Clips {
  private static final int BITS = 8;

  private Clips() {}

  public static Path write(Path file, EncoderSettings settings, int frames) throws IOException {
    try (Arena arena = Arena.ofConfined();
        VideoWriter writer = VideoWriter.create(file, settings)) {
      int width = settings.width();
      int height = settings.height();
      MemorySegment pixels = arena.allocate(3L * width * height);
      for (int frame = 0; frame < frames; frame++) {
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width; x++) {
            long at = 3L * (y * width + x);
            int bright = (frame >> x * BITS / width & 1) * 255;
            boolean upper = y < height / 2;
            set(pixels, at, upper ? bright : x < width / 2 ? 255 : 0);
            set(pixels, at + 1, upper ? bright : 0);
            set(pixels, at + 2, upper ? bright : x < width / 2 ? 0 : 255);
          }
        }
        writer.write(pixels);
      }
    }
    return file;
  }

  /** A small MPEG-4 clip of 64 x 48. */
  public static Path write(Path file, int frames) throws IOException {
    return write(file, EncoderSettings.mpeg4(64, 48, 25), frames);
  }

  /** The index that an upright frame says it has. */
  public static int index(MemorySegment pixels, int width, int height) {
    int index = 0;
    for (int bit = 0; bit < BITS; bit++) {
      int x = (2 * bit + 1) * width / (2 * BITS);
      index |= get(pixels, 3L * (height / 4 * width + x)) > 127 ? 1 << bit : 0;
    }
    return index;
  }

  /** A colour value, 0 to 255. */
  public static int get(MemorySegment pixels, long at) {
    return pixels.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
  }

  private static void set(MemorySegment pixels, long at, int value) {
    pixels.set(ValueLayout.JAVA_BYTE, at, (byte) value);
  }
}
