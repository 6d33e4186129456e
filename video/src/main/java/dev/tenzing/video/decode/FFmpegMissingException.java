package dev.tenzing.video.decode;

/** FFmpeg's libraries cannot be loaded on this machine, or were left out of the installation. */
public final class FFmpegMissingException extends IllegalStateException {
  /**
   * What is missing.
   *
   * @param message one sentence for people
   */
  FFmpegMissingException(String message) {
    super(message);
  }
}
