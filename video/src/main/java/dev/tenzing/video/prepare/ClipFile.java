package dev.tenzing.video.prepare;

import dev.tenzing.video.decode.VideoDecoder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.VideoWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes the small copy of one video: beside its place, onto the disk, and then into its place. */
final class ClipFile {
  private ClipFile() {}

  static void write(VideoInfo info, ClipFormat format, Path target)
      throws VideoException, IOException {
    Files.createDirectories(target.getParent());
    Path part = target.resolveSibling(".part-" + target.getFileName());
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
      Files.deleteIfExists(part);
      throw new VideoException(
          info.path(),
          VideoException.Reason.TRUNCATED,
          "the file changed while it was read: it had %s frames and has %s"
              .formatted(info.frames(), frames));
    }
    try (FileChannel file = FileChannel.open(part, StandardOpenOption.WRITE)) {
      file.force(true);
    }
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
