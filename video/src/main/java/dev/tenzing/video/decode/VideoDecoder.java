package dev.tenzing.video.decode;

import dev.tenzing.video.decode.VideoException.Reason;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;

/**
 * Reads the frames of one video file from its first to its last, in the order in which they are
 * shown.
 *
 * <pre>{@code
 * try (var video = VideoDecoder.open(path)) {
 *   while (video.next()) {
 *     if (wanted(video.index())) {
 *       video.read(pixels, 224, 224);
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>This is what numbers the frames: frame {@code i} is the one that comes {@code i}-th here.
 * {@link ClipDecoder} finds chosen ones faster. Frames that are not read cost no colour conversion.
 *
 * <p>Not for use by several threads at once.
 */
public final class VideoDecoder implements AutoCloseable {
  private final Source source;
  private final Scaler scaler = new Scaler();
  private int packets;
  private int index = -1;
  private boolean ended;
  private boolean closed;

  private VideoDecoder(Source source) {
    this.source = source;
  }

  /**
   * Opens a file and reads its header.
   *
   * @throws VideoException when there is no video in it that can be decoded
   * @throws CancellationException when the thread was interrupted
   */
  public static VideoDecoder open(Path path) throws VideoException {
    return new VideoDecoder(Source.open(path));
  }

  /**
   * Decodes the next frame.
   *
   * @return false after the last one
   * @throws VideoException when the data is damaged or the decoder makes no progress
   * @throws CancellationException when the thread was interrupted
   */
  public boolean next() throws VideoException {
    while (!source.codec().receive()) {
      if (ended) {
        return false;
      }
      if (source.container().next()) {
        source.codec().send(source.container().packet(), packets++, true);
      } else {
        ended = true;
        source.codec().end();
      }
    }
    if (++index >= Limits.MAX_FRAMES) {
      throw source.defects().of(Reason.TOO_LARGE, "more than " + Limits.MAX_FRAMES + " frames");
    }
    return true;
  }

  /** Index of the present frame, from 0 in the order shown; -1 before the first. */
  public int index() {
    return index;
  }

  /** When the present frame is shown, seconds on the container's clock. */
  public double seconds() {
    return source.seconds(index);
  }

  /**
   * Scales the present frame.
   *
   * @param target RGB24 bytes [height, width, 3]
   * @throws VideoException when the pixel format cannot be converted
   */
  public void read(MemorySegment target, int width, int height) throws VideoException {
    if (index < 0) {
      throw new IllegalStateException("read: call next() first");
    }
    if (target.byteSize() < 3L * width * height) {
      throw new IllegalArgumentException(
          "read: " + width + "x" + height + " pixels do not fit in " + target.byteSize());
    }
    source.scale(scaler, width, height, target);
  }

  /** Displayed width in pixels, after rotation. */
  public int width() {
    return source.width();
  }

  /** Displayed height in pixels, after rotation. */
  public int height() {
    return source.height();
  }

  /** Average frames a second as the container says, 0 when it does not. */
  public double fps() {
    return source.fps();
  }

  /** FFmpeg's name of the coding, such as {@code h264}. */
  public String codec() {
    return source.container().codec();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      scaler.close();
      source.close();
    }
  }
}
