package dev.tenzing.video.decode;

import java.nio.file.Path;

/**
 * What a whole decode of a file found.
 *
 * @param path the file
 * @param stamp the file's size and time when it was decoded
 * @param width displayed width in pixels, after rotation
 * @param height displayed height in pixels, after rotation
 * @param rotation degrees clockwise by which the stored picture is turned for display
 * @param codec the coding, by FFmpeg's name: {@code h264}, {@code vp9}, ...
 * @param fps average frames a second, 0 when the file does not say
 * @param variableRate whether frames are shown for unequal times
 * @param seconds from the first frame to the end of the last
 * @param frames how many frames come out of the decoder; headers are not believed
 * @param index where the frames lie; null when that cannot be told
 */
public record VideoInfo(
    Path path,
    FileStamp stamp,
    int width,
    int height,
    int rotation,
    String codec,
    double fps,
    boolean variableRate,
    double seconds,
    int frames,
    FrameIndex index) {

  /**
   * Decodes a file from its first to its last frame, without keeping a pixel. A file is good as a
   * whole or not at all: one that fails late is not used for its beginning either, so that whether
   * a video takes part in training never depends on which clip is drawn from it.
   *
   * @throws VideoException when the file cannot be decoded to its end, has fewer than {@link
   *     Limits#MIN_FRAMES} frames, or is beyond the other {@link Limits}
   */
  public static VideoInfo scan(Path path) throws VideoException {
    return FrameFolder.is(path) ? FrameFolder.open(path).scan() : Scan.run(path);
  }

  /** Average frames a second: counted where the file does not say; 0 when that fails too. */
  public double rate() {
    return fps > 0 || seconds == 0 ? fps : frames / seconds;
  }

  /** The same video under another name of its file. */
  public VideoInfo at(Path other) {
    return new VideoInfo(
        other, stamp, width, height, rotation, codec, fps, variableRate, seconds, frames, index);
  }
}
