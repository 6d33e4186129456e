package dev.tenzing.video.prepare;

import dev.tenzing.video.decode.VideoDecoder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.VideoWriter;
import dev.tenzing.video.file.WholeFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the small copy of one video. */
final class ClipFile {
  private ClipFile() {}

  static void write(VideoInfo info, ClipFormat format, Path target)
      throws VideoException, IOException {
    Files.createDirectories(target.getParent());
    WholeFile.<VideoException>make(target, part -> copy(info, format, part));
  }

  private static void copy(VideoInfo info, ClipFormat format, Path part)
      throws VideoException, IOException {
    EncoderSettings settings = format.settings(info);
    int width = settings.width();
    int height = settings.height();
    int frames = 0;
    try (Arena arena = Arena.ofConfined();
        VideoDecoder decoder = VideoDecoder.open(info.path());
        VideoWriter writer = VideoWriter.create(part, settings)) {
      MemorySegment pixels = arena.allocate(3L * width * height, 64);
      while (decoder.next()) {
        decoder.read(pixels, width, height);
        writer.write(pixels);
        frames++;
      }
    }
    if (frames != info.frames()) {
      throw new VideoException(
          info.path(),
          VideoException.Reason.TRUNCATED,
          "the file changed while it was read: it had %s frames and has %s"
              .formatted(info.frames(), frames));
    }
  }
}
