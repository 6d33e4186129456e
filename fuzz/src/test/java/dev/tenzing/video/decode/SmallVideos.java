package dev.tenzing.video.decode;

import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.VideoWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Videos to be damaged: some bytes of moving pattern. */
public final class SmallVideos {
  private SmallVideos() {}

  /** Writes one; the same every time. */
  public static void write(Path file, EncoderSettings settings, int frames) throws IOException {
    int width = settings.width();
    int height = settings.height();
    try (Arena arena = Arena.ofConfined();
        VideoWriter writer = VideoWriter.create(file, settings)) {
      MemorySegment pixels = arena.allocate(3L * width * height, 64);
      for (int frame = 0; frame < frames; frame++) {
        for (int i = 0; i < 3 * width * height; i++) {
          int x = i / 3 % width + 3 * frame;
          int y = i / 3 / width + frame;
          int value = (x / 8 + y / 8) % 2 == 0 ? 40 + 60 * (i % 3) : 200 - 20 * frame;
          pixels.set(ValueLayout.JAVA_BYTE, i, (byte) value);
        }
        writer.write(pixels);
      }
    }
  }

  /** The bytes of one. */
  static byte[] bytes(Path folder, String name, EncoderSettings settings, int frames)
      throws IOException {
    Path file = folder.resolve(name);
    write(file, settings, frames);
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  /** A JPEG picture: a frame of Motion JPEG. */
  static byte[] jpeg(Path folder) throws IOException {
    EncoderSettings settings =
        EncoderSettings.mpeg4(48, 32, 25).with(EncoderSettings.Codec.MJPEG).withQuantizer(3);
    byte[] video = bytes(folder, "a.avi", settings, 1);
    int from = find(video, 0, 0xFF, 0xD8);
    return Arrays.copyOfRange(video, from, find(video, from, 0xFF, 0xD9) + 2);
  }

  private static int find(byte[] bytes, int from, int first, int second) {
    for (int i = from; i + 1 < bytes.length; i++) {
      if ((bytes[i] & 0xFF) == first && (bytes[i + 1] & 0xFF) == second) {
        return i;
      }
    }
    throw new IllegalArgumentException("no such marker");
  }
}
