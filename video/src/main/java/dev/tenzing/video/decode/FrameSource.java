package dev.tenzing.video.decode;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;

/**
 * Frames one after the other, from wherever they come: a file, a folder of pictures, or a stream
 * that may never end. What was passed is gone, so memory does not grow with the length.
 *
 * <p>Not for use by several threads at once.
 */
public interface FrameSource extends AutoCloseable {
  /**
   * Opens a video file or a folder of pictures.
   *
   * @throws VideoException when there is no video in it that can be decoded
   * @throws CancellationException when the thread was interrupted
   */
  static FrameSource open(Path path) throws VideoException {
    return FrameFolder.is(path) ? new PictureFrames(path) : VideoDecoder.open(path);
  }

  /**
   * Goes to the next frame.
   *
   * @return false after the last one
   * @throws VideoException when the data is damaged or nothing comes any more
   * @throws CancellationException when the thread was interrupted
   */
  boolean next() throws VideoException;

  /**
   * Scales the present frame.
   *
   * @param target RGB24 bytes [height, width, 3]
   * @throws VideoException when the pixel format cannot be converted
   */
  void read(MemorySegment target, int width, int height) throws VideoException;

  /** When the present frame is shown, seconds on the container's clock. */
  double seconds();

  /** Displayed width in pixels, after rotation. */
  int width();

  /** Displayed height in pixels, after rotation. */
  int height();

  /** Average frames a second as the container says, 0 when it does not. */
  double fps();

  /** How many frames there will be, as the container says; 0 when it does not. Good for guesses. */
  long promisedFrames();

  /** Frames and packets that were left out because they are damaged; 0 where damage is an error. */
  default long damaged() {
    return 0;
  }

  /** What is wrong with it, in the words of its messages. */
  VideoException defect(VideoException.Reason reason, String sentence);

  @Override
  void close();
}
