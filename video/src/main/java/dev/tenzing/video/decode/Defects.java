package dev.tenzing.video.decode;

import dev.tenzing.video.decode.VideoException.Reason;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * Puts into words what is wrong with a file that is being read: FFmpeg's error codes mean different
 * things when the thread was interrupted or the time was up.
 */
final class Defects {
  /** So much damage without a frame between is no loss on the way any more. */
  private static final int MAX_IN_A_ROW = 10_000;

  private final Path path;
  private final String name;
  private final Watchdog watchdog;
  private long frames;
  private long passedOver;
  private int inARow;

  Defects(Path path, Watchdog watchdog) {
    this(path, path.toString(), watchdog);
  }

  /**
   * @param path null for a stream
   * @param name what messages call it
   */
  Defects(Path path, String name, Watchdog watchdog) {
    this.path = path;
    this.name = name;
    this.watchdog = watchdog;
  }

  /** Of another decoder of the same file, which counts for itself. */
  Defects(Defects other, Watchdog watchdog) {
    this(other.path, other.name, watchdog);
  }

  /** A frame came out: the watchdog starts again, and later sentences count it. */
  void progress() {
    frames++;
    inARow = 0;
    watchdog.progress();
  }

  /** The file was read on, though no frame was asked for: the watchdog starts again. */
  void readOn() {
    watchdog.progress();
  }

  /**
   * Whether an FFmpeg error is damage that is left out: in a stream, not in a file.
   *
   * @throws CancellationException for an interrupted thread
   */
  boolean passOver(int error) throws VideoException {
    if (!isStream() || error != avutil.AVERROR_INVALIDDATA() || inARow == MAX_IN_A_ROW) {
      return false;
    }
    checkTime();
    passedOver++;
    inARow++;
    return true;
  }

  /** Whether it is a stream that is read, and not a file. */
  boolean isStream() {
    return path == null;
  }

  /** Frames and packets that were left out. */
  long passedOver() {
    return passedOver;
  }

  /** Frames that came out so far. */
  long frames() {
    return frames;
  }

  /** A defect told in one sentence. */
  VideoException of(Reason reason, String sentence) {
    return new VideoException(path, name, reason, sentence);
  }

  /** What an FFmpeg error means; the sentence tells what failed. */
  VideoException failed(int error, Reason reason, String sentence) {
    checkInterrupt();
    if (watchdog.expired()) {
      return of(Reason.TIMEOUT, "FFmpeg was given up after " + watchdog.patience());
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
      throw of(Reason.TIMEOUT, after("no frame came out for " + watchdog.patience()));
    }
  }

  /** Rejects pictures of a size that is of no use. */
  void checkSize(int width, int height) throws VideoException {
    if (width <= 0 || height <= 0) {
      throw of(
          Reason.UNREADABLE,
          "the size of its pictures is not known: the headers of the coding are missing");
    }
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
      throw new CancellationException("reading " + name + " was interrupted");
    }
  }
}
