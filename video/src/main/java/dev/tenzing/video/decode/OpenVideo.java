package dev.tenzing.video.decode;

import dev.tenzing.video.decode.VideoException.Reason;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avutil;

/** A file opened for decoding: its packets, its decoder, and how its pictures are shown. */
final class OpenVideo implements AutoCloseable {
  private final Watchdog watchdog;
  private final Defects defects;
  private Container container;
  private Codec codec;
  private Orientation orientation;

  /**
   * @param path null for a stream
   */
  private OpenVideo(Path path, String name, long patience) {
    FFmpeg.load();
    watchdog = new Watchdog(patience);
    defects = new Defects(path, name, watchdog);
  }

  /**
   * Opens a file and reads its header.
   *
   * @throws VideoException when there is no video in it that can be decoded
   * @throws CancellationException when the thread was interrupted
   */
  static OpenVideo open(Path path) throws VideoException {
    return open(path, TimeUnit.SECONDS.toNanos(Limits.STALL_SECONDS));
  }

  /** Opens a file with a limit in nanoseconds on the time from one frame to the next. */
  static OpenVideo open(Path path, long patience) throws VideoException {
    OpenVideo source = new OpenVideo(path, path.toString(), patience);
    return source.opened(() -> Container.open(path, source.watchdog, source.defects));
  }

  /** Opens a stream with a limit in nanoseconds on the time from one frame to the next. */
  static OpenVideo open(StreamAddress address, long patience) throws VideoException {
    OpenVideo source = new OpenVideo(null, address.name(), patience);
    return source.opened(() -> Container.open(address, source.watchdog, source.defects));
  }

  private interface Opener {
    Container open() throws VideoException;
  }

  private OpenVideo opened(Opener opener) throws VideoException {
    try {
      container = opener.open();
      codec = Codec.open(container, defects);
      orientation = container.orientation();
      return this;
    } catch (VideoException | RuntimeException e) {
      close();
      throw e;
    }
  }

  Container container() {
    return container;
  }

  Codec codec() {
    return codec;
  }

  /**
   * A second decoder of the same stream; the caller closes it.
   *
   * @throws VideoException when it cannot be opened
   */
  Codec twin() throws VideoException {
    return Codec.open(container, new Defects(defects, watchdog));
  }

  Defects defects() {
    return defects;
  }

  Orientation orientation() {
    return orientation;
  }

  /** Displayed width in pixels. */
  int width() {
    AVStream stream = container.stream();
    return orientation.transposes() ? stream.codecpar().height() : stream.codecpar().width();
  }

  /** Displayed height in pixels. */
  int height() {
    AVStream stream = container.stream();
    return orientation.transposes() ? stream.codecpar().width() : stream.codecpar().height();
  }

  /** Average frames a second as the container says, 0 when it does not. */
  double fps() {
    AVRational rate = container.stream().avg_frame_rate();
    return rate.den() == 0 ? 0 : avutil.av_q2d(rate);
  }

  /** How many frames the container promises, 0 when it does not. */
  long promisedFrames() {
    AVStream stream = container.stream();
    if (stream.nb_frames() > 0) {
      return stream.nb_frames();
    }
    double seconds = container.promisedSeconds();
    return seconds > 0 && fps() > 0 ? Math.round(seconds * fps()) : 0;
  }

  /**
   * When the present frame is shown, seconds on the container's clock.
   *
   * @param index of the frame, for files that do not say
   */
  double seconds(long index) {
    long stamp = codec.frame().best_effort_timestamp();
    if (stamp == avutil.AV_NOPTS_VALUE) {
      return fps() > 0 ? index / fps() : index;
    }
    return stamp * avutil.av_q2d(container.stream().time_base());
  }

  /**
   * Scales the present frame.
   *
   * @param target RGB24 bytes [height, width, 3]
   * @throws VideoException when the pixel format cannot be converted
   */
  void scale(Scaler scaler, int width, int height, MemorySegment target) throws VideoException {
    checkConverted(scaler.convert(codec.frame(), orientation, width, height, target));
  }

  /** What the error of converting the present frame means. */
  void checkConverted(int error) throws VideoException {
    if (error < 0) {
      throw defects.failed(
          error,
          Reason.DECODE_ERROR,
          "FFmpeg cannot convert its pictures of the format "
              + FFmpeg.pixelFormat(codec.frame().format()));
    }
  }

  @Override
  public void close() {
    if (codec != null) {
      codec.close();
    }
    if (container != null) {
      container.close();
    }
    watchdog.close();
  }
}
