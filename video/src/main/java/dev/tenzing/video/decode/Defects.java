package dev.tenzing.video.decode;

import dev.tenzing.video.decode.VideoException.Reason;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;

/**
 * Puts into words what is wrong with a file that is being read: FFmpeg's error codes mean different
 * things when the thread was interrupted or the time was up.
 */
final class Defects {
  private final Path path;
  private final Watchdog watchdog;
  private int frames;

  Defects(Path path, Watchdog watchdog) {
    this.path = path;
    this.watchdog = watchdog;
  }

  /** A frame came out: the watchdog starts anew, and later sentences count it. */
  void progress() {
    frames++;
    watchdog.progress();
  }

  /** The file was read on, though no frame was asked for: the watchdog starts anew. */
  void readOn() {
    watchdog.progress();
  }

  /** Frames that came out so far. */
  int frames() {
    return frames;
  }

  /** A defect told in one sentence. */
  VideoException of(Reason reason, String sentence) {
    return new VideoException(path, reason, sentence);
  }

  /** What an FFmpeg error means; the sentence tells what failed. */
  VideoException failed(int error, Reason reason, String sentence) {
    checkInterrupt();
    if (watchdog.expired()) {
      return of(Reason.TIMEOUT, "FFmpeg was given up after " + Limits.STALL_SECONDS + " seconds");
    }
    return of(reason, sentence + " (FFmpeg: " + FFmpeg.describe(error) + ")");
  }

  /** {@code what}, and how many frames came out before. */
  String after(String what) {
    return what + " after " + frames + (frames == 1 ? " frame" : " frames");
  }

  /**
   * Stops reading when the thread was interrupted or no frame came out in time.
   *
   * @throws CancellationException for an interrupted thread
   */
  void checkTime() throws VideoException {
    checkInterrupt();
    if (watchdog.expired()) {
      throw of(Reason.TIMEOUT, after("no frame came out for " + Limits.STALL_SECONDS + " seconds"));
    }
  }

  /** Rejects pictures of a size that is of no use. */
  void checkSize(int width, int height) throws VideoException {
    int shortSide = Math.min(width, height);
    int longSide = Math.max(width, height);
    String picture = "a picture of " + width + "x" + height;
    if (shortSide < Limits.MIN_SIDE) {
      throw of(
          Reason.TOO_SMALL,
          picture + " is too small, the shortest side allowed is " + Limits.MIN_SIDE);
    }
    if (longSide > Limits.MAX_ASPECT * shortSide) {
      throw of(Reason.TOO_SMALL, picture + " is too narrow");
    }
    if (longSide > Limits.MAX_SIDE || (long) width * height > Limits.MAX_PIXELS) {
      throw of(Reason.TOO_LARGE, picture + " is too large");
    }
  }

  private void checkInterrupt() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("reading " + path + " was interrupted");
    }
  }
}
