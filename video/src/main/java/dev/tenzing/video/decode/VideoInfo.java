package dev.tenzing.video.decode;

import dev.tenzing.video.decode.VideoException.Reason;
import java.nio.file.Path;
import java.util.stream.LongStream;

/**
 * What a whole decode of a file found.
 *
 * @param path the file
 * @param width displayed width in pixels, after rotation
 * @param height displayed height in pixels, after rotation
 * @param codec the coding, by FFmpeg's name: {@code h264}, {@code vp9}, ...
 * @param fps average frames a second, 0 when the file does not say
 * @param seconds from the first frame to the end of the last
 * @param frames how many frames come out of the decoder; headers are not believed
 * @param clock how time stamps number the frames; null when they do not
 */
public record VideoInfo(
    Path path,
    int width,
    int height,
    String codec,
    double fps,
    double seconds,
    int frames,
    FrameClock clock) {

  /**
   * Decodes a file from its first to its last frame, without keeping a pixel. A file is good as a
   * whole or not at all: one that fails late is not used for its beginning either, so that whether
   * a video takes part in training never depends on which clip is drawn from it.
   *
   * @throws VideoException when the file cannot be decoded to its end, has fewer than {@link
   *     Limits#MIN_FRAMES} frames, or is beyond the other {@link Limits}
   */
  public static VideoInfo scan(Path path) throws VideoException {
    if (FrameFolder.is(path)) {
      return FrameFolder.open(path).scan();
    }
    try (VideoDecoder decoder = VideoDecoder.open(path)) {
      LongStream.Builder stamps = LongStream.builder();
      LongStream.Builder packets = LongStream.builder();
      decoder.countOnly(packets);
      double first = 0;
      double last = 0;
      int frames = 0;
      while (decoder.next()) {
        last = decoder.seconds();
        first = frames == 0 ? last : first;
        stamps.add(decoder.stamp());
        frames++;
      }
      if (frames < Limits.MIN_FRAMES) {
        throw new VideoException(
            path,
            Reason.TOO_FEW_FRAMES,
            frames == 0 ? "no frame can be decoded" : "a single frame is a picture, not a video");
      }
      double fps = decoder.fps();
      double seconds = last - first + (fps > 0 ? 1 / fps : (last - first) / (frames - 1));
      return new VideoInfo(
          path,
          decoder.width(),
          decoder.height(),
          decoder.codec(),
          fps,
          seconds,
          frames,
          FrameClock.of(packets.build().toArray(), stamps.build().toArray()));
    }
  }
}
