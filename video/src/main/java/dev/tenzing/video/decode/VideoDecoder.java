package dev.tenzing.video.decode;

import dev.tenzing.video.decode.VideoException.Reason;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

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
public final class VideoDecoder implements FrameSource {
  private final OpenVideo source;
  private final boolean endless;
  private final Scaler scaler = new Scaler();
  private int packets;
  private long index = -1;
  private boolean ended;
  private boolean closed;

  private VideoDecoder(OpenVideo source, boolean endless) {
    this.source = source;
    this.endless = endless;
  }

  /**
   * Opens a file and reads its header.
   *
   * @throws VideoException when there is no video in it that can be decoded
   * @throws CancellationException when the thread was interrupted
   */
  public static VideoDecoder open(Path path) throws VideoException {
    return new VideoDecoder(OpenVideo.open(path), false);
  }

  /**
   * Opens a stream and reads its beginning. Damage in a stream is no error: what it makes useless
   * is left out and counted, as one joins a broadcast somewhere and the network loses packets.
   *
   * @param seconds how long is waited for a frame, at least 1
   * @throws VideoException when there is no video in it that can be decoded
   * @throws CancellationException when the thread was interrupted
   */
  public static VideoDecoder open(StreamAddress address, int seconds) throws VideoException {
    return new VideoDecoder(OpenVideo.open(address, TimeUnit.SECONDS.toNanos(seconds)), true);
  }

  /**
   * Decodes the next frame.
   *
   * @return false after the last one
   * @throws VideoException when the data is damaged or the decoder makes no progress
   * @throws CancellationException when the thread was interrupted
   */
  @Override
  public boolean next() throws VideoException {
    while (!source.codec().receive()) {
      if (ended) {
        return false;
      }
      if (source.container().next()) {
        source.codec().send(source.container().packet(), packets, true);
        packets = (packets + 1) & Integer.MAX_VALUE >> 1; // who reads on for years comes round
      } else {
        ended = true;
        source.codec().end();
      }
    }
    if (++index >= Limits.MAX_FRAMES && !endless) {
      throw source.defects().of(Reason.TOO_LARGE, "more than " + Limits.MAX_FRAMES + " frames");
    }
    return true;
  }

  /** Index of the present frame, from 0 in the order shown; -1 before the first. */
  public long index() {
    return index;
  }

  /** When the present frame is shown, seconds on the container's clock. */
  @Override
  public double seconds() {
    return source.seconds(index);
  }

  /**
   * Scales the present frame.
   *
   * @param target RGB24 bytes [height, width, 3]
   * @throws VideoException when the pixel format cannot be converted
   */
  @Override
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
  @Override
  public int width() {
    return source.width();
  }

  /** Displayed height in pixels, after rotation. */
  @Override
  public int height() {
    return source.height();
  }

  /** Average frames a second as the container says, 0 when it does not. */
  @Override
  public double fps() {
    return source.fps();
  }

  @Override
  public long promisedFrames() {
    return source.promisedFrames();
  }

  @Override
  public long damaged() {
    return source.defects().passedOver();
  }

  @Override
  public VideoException defect(VideoException.Reason reason, String sentence) {
    return source.defects().of(reason, sentence);
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
