package dev.tenzing.video.decode;

import dev.tenzing.video.decode.VideoException.Reason;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

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
 * <p>There is no seeking: containers whose time stamps are wrong (AVI with B frames, edit lists)
 * make FFmpeg land on other frames than a decode from the start gives, and clips for training are
 * short. Frames that are not read cost no colour conversion. What the file holds decides, not its
 * name; only containers of moving pictures are accepted, and no file but the given one is opened.
 *
 * <p>Not for use by several threads at once.
 */
public final class VideoDecoder implements AutoCloseable {
  private static final String CONTAINERS =
      "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,h264,hevc,ivf,m4v";

  private final Path path;
  private final Watchdog watchdog;
  private final Scaler scaler = new Scaler();
  private AVFormatContext container;
  private AVCodecContext codec;
  private AVPacket packet;
  private AVFrame frame;
  private AVStream stream;
  private Orientation orientation = Orientation.UPRIGHT;
  private FrameClock clock;
  private int[] wanted;
  private LongConsumer packetStamps;
  private int index = -1;
  private boolean drained;
  private boolean closed;

  private VideoDecoder(Path path, long patience) {
    this.path = path;
    this.watchdog = new Watchdog(patience);
  }

  /**
   * Opens a file and reads its header.
   *
   * @throws VideoException when there is no video in it that can be decoded
   * @throws CancellationException when the thread was interrupted
   */
  public static VideoDecoder open(Path path) throws VideoException {
    return open(path, TimeUnit.SECONDS.toNanos(Limits.STALL_SECONDS));
  }

  /** Opens a file with a limit in nanoseconds on the time from one frame to the next. */
  static VideoDecoder open(Path path, long patience) throws VideoException {
    FFmpeg.load();
    checkFile(path);
    VideoDecoder decoder = new VideoDecoder(path, patience);
    try {
      decoder.openContainer();
      decoder.openCodec();
      return decoder;
    } catch (VideoException | RuntimeException e) {
      decoder.close();
      throw e;
    }
  }

  /**
   * Reads chosen frames of a scanned file, all scaled to one size. They are those of a decode from
   * the start, pixel for pixel.
   *
   * @param frames indices in ascending order; an index may repeat
   * @param target RGB24 bytes [frames, height, width, 3]
   * @throws VideoException when the file fails before the last of them
   */
  public static void decode(
      VideoInfo info, int[] frames, int width, int height, MemorySegment target)
      throws VideoException {
    if (FrameFolder.is(info.path())) {
      FrameFolder.open(info.path()).decode(frames, width, height, target);
      return;
    }
    if (info.clock() == null || !tryDecode(info, info.clock(), frames, width, height, target)) {
      if (!tryDecode(info, null, frames, width, height, target)) {
        throw new VideoException(
            info.path(),
            Reason.TRUNCATED,
            "frame " + frames[frames.length - 1] + " is wanted, but the video ends before it");
      }
    }
  }

  /** Returns false when a wanted frame did not come out. */
  private static boolean tryDecode(
      VideoInfo info, FrameClock clock, int[] frames, int width, int height, MemorySegment target)
      throws VideoException {
    long bytes = 3L * width * height;
    try (VideoDecoder decoder = open(info.path())) {
      if (clock != null) {
        decoder.skipOthers(clock, frames);
      }
      for (int i = 0; i < frames.length; i++) {
        if (i > 0 && frames[i] == frames[i - 1]) {
          MemorySegment.copy(target, (i - 1) * bytes, target, i * bytes, bytes);
          continue;
        }
        while (decoder.index < frames[i]) {
          if (!decoder.next()) {
            return false;
          }
        }
        if (decoder.index != frames[i]) {
          return false;
        }
        decoder.read(target.asSlice(i * bytes, bytes), width, height);
      }
      return true;
    }
  }

  /** From now on, frames that are neither wanted nor needed to decode others may not come out. */
  private void skipOthers(FrameClock byClock, int[] ascending) {
    clock = byClock;
    wanted = ascending;
  }

  /**
   * From now on, pixels need not be right, only the number of frames and the errors.
   *
   * @param stamps receives the stamps of all packets that hold frames to be shown
   */
  void countOnly(LongConsumer stamps) {
    packetStamps = stamps;
    codec.skip_loop_filter(avcodec.AVDISCARD_ALL);
  }

  private static void checkFile(Path path) throws VideoException {
    if (!Files.exists(path)) {
      throw new VideoException(path, Reason.MISSING, "there is no such file");
    }
    if (!Files.isRegularFile(path)) {
      throw new VideoException(
          path,
          Reason.UNREADABLE,
          Files.isDirectory(path) ? "this is a folder, not a video file" : "this is not a file");
    }
    try {
      if (Files.size(path) == 0) {
        throw new VideoException(path, Reason.EMPTY, "the file is empty");
      }
      ContainerEnd.check(path);
    } catch (ClosedByInterruptException e) {
      throw new CancellationException("reading " + path + " was interrupted");
    } catch (IOException e) {
      throw new VideoException(
          path, Reason.UNREADABLE, "the file cannot be read (" + e.getMessage() + ")");
    }
  }

  private void openContainer() throws VideoException {
    container = avformat.avformat_alloc_context();
    watchdog.watch(container);
    AVDictionary options = new AVDictionary(null);
    avutil.av_dict_set(options, "format_whitelist", CONTAINERS, 0);
    avutil.av_dict_set(options, "protocol_whitelist", "file", 0);
    int error;
    try (BytePointer url =
            new BytePointer("file:" + path.toAbsolutePath(), StandardCharsets.UTF_8);
        PointerPointer<AVFormatContext> holder = new PointerPointer<>(1);
        PointerPointer<AVDictionary> optionHolder = new PointerPointer<>(1)) {
      holder.put(0, container);
      optionHolder.put(0, options);
      error = avformat.avformat_open_input(holder, url, null, optionHolder);
      container = holder.get(AVFormatContext.class);
      avutil.av_dict_free(optionHolder);
    }
    if (error < 0) {
      container = null;
      throw failed(
          error, Reason.UNREADABLE, "no video container that FFmpeg knows, or a damaged one");
    }
    error = avformat.avformat_find_stream_info(container, (AVDictionary) null);
    if (error < 0) {
      throw failed(error, Reason.UNREADABLE, "the header cannot be read");
    }
  }

  private void openCodec() throws VideoException {
    int best =
        avformat.av_find_best_stream(
            container, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
    if (best < 0 || isCover(container.streams(best))) {
      throw bad(Reason.NO_VIDEO_STREAM, "there are no moving pictures in the file");
    }
    for (int i = 0; i < container.nb_streams(); i++) {
      if (i != best) {
        container.streams(i).discard(avcodec.AVDISCARD_ALL);
      }
    }
    stream = container.streams(best);
    checkSize(stream.codecpar().width(), stream.codecpar().height());
    AVCodec implementation = avcodec.avcodec_find_decoder(stream.codecpar().codec_id());
    if (implementation == null || implementation.isNull()) {
      throw bad(Reason.UNREADABLE, "FFmpeg has no decoder for " + codec());
    }
    codec = avcodec.avcodec_alloc_context3(implementation);
    avcodec.avcodec_parameters_to_context(codec, stream.codecpar());
    codec.thread_count(1);
    codec.max_pixels(Limits.MAX_PIXELS);
    codec.pkt_timebase(stream.time_base());
    int error = avcodec.avcodec_open2(codec, implementation, (AVDictionary) null);
    if (error < 0) {
      throw failed(error, Reason.UNREADABLE, "the " + codec() + " decoder refuses the header");
    }
    packet = avcodec.av_packet_alloc();
    frame = avutil.av_frame_alloc();
    orientation = displayOrientation();
  }

  private static boolean isCover(AVStream stream) {
    return (stream.disposition() & avformat.AV_DISPOSITION_ATTACHED_PIC) != 0;
  }

  private Orientation displayOrientation() {
    AVPacketSideData matrix =
        avcodec.av_packet_side_data_get(
            stream.codecpar().coded_side_data(),
            stream.codecpar().nb_coded_side_data(),
            avcodec.AV_PKT_DATA_DISPLAYMATRIX);
    if (matrix == null || matrix.isNull() || matrix.size() < 36) {
      return Orientation.UPRIGHT;
    }
    int[] entries = new int[9];
    new IntPointer(matrix.data()).get(entries);
    return Orientation.of(entries);
  }

  private void checkSize(int width, int height) throws VideoException {
    if (Math.min(width, height) < Limits.MIN_SIDE) {
      throw bad(
          Reason.TOO_SMALL,
          "a picture of "
              + width
              + "x"
              + height
              + " is too small, the shortest side allowed is "
              + Limits.MIN_SIDE);
    }
    if (Math.max(width, height) > Limits.MAX_ASPECT * Math.min(width, height)) {
      throw bad(Reason.TOO_SMALL, "a picture of " + width + "x" + height + " is too narrow");
    }
    if (Math.max(width, height) > Limits.MAX_SIDE || (long) width * height > Limits.MAX_PIXELS) {
      throw bad(Reason.TOO_LARGE, "a picture of " + width + "x" + height + " is too large");
    }
  }

  /**
   * Decodes the next frame.
   *
   * @return false after the last one
   * @throws VideoException when the data is damaged or the decoder makes no progress
   * @throws CancellationException when the thread was interrupted
   */
  public boolean next() throws VideoException {
    while (true) {
      int error = avcodec.avcodec_receive_frame(codec, frame);
      if (error == 0) {
        accept();
        return true;
      }
      if (error == avutil.AVERROR_EOF()) {
        return false;
      }
      if (error != avutil.AVERROR_EAGAIN() || drained) {
        throw failed(error, Reason.DECODE_ERROR, after("decoding fails"));
      }
      feed();
    }
  }

  private void accept() throws VideoException {
    index = clock == null ? index + 1 : clock.index(stamp());
    watchdog.progress();
    checkSize(frame.width(), frame.height());
    if (frame.decode_error_flags() != 0 || (frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) != 0) {
      throw bad(Reason.DECODE_ERROR, "frame " + index + " is damaged");
    }
    if (index >= Limits.MAX_FRAMES) {
      throw bad(Reason.TOO_LARGE, "more than " + Limits.MAX_FRAMES + " frames");
    }
  }

  private void feed() throws VideoException {
    while (true) {
      int error = avformat.av_read_frame(container, packet);
      if (Thread.currentThread().isInterrupted()) {
        throw new CancellationException("reading " + path + " was interrupted");
      }
      if (watchdog.expired()) {
        throw bad(
            Reason.TIMEOUT, after("no frame came out for " + Limits.STALL_SECONDS + " seconds"));
      }
      if (error == avutil.AVERROR_EOF()) {
        drained = true;
        check(avcodec.avcodec_send_packet(codec, null));
        return;
      }
      if (error < 0) {
        boolean cut = error == avutil.AVERROR_EIO();
        throw failed(
            error,
            cut ? Reason.TRUNCATED : Reason.DECODE_ERROR,
            after(cut ? "the file ends early" : "the container is damaged"));
      }
      try {
        if (packet.stream_index() != stream.index()) {
          continue;
        }
        if ((packet.flags() & avcodec.AV_PKT_FLAG_CORRUPT) != 0) {
          throw bad(Reason.TRUNCATED, after("the file is cut off"));
        }
        prepare(packet.pts());
        check(avcodec.avcodec_send_packet(codec, packet));
        return;
      } finally {
        avcodec.av_packet_unref(packet);
      }
    }
  }

  /** Decides how far the packet at hand is decoded. */
  private void prepare(long stamp) {
    if (packetStamps != null && (packet.flags() & avcodec.AV_PKT_FLAG_DISCARD) == 0) {
      packetStamps.accept(stamp);
    }
    if (clock != null) {
      boolean needed = Arrays.binarySearch(wanted, clock.index(stamp)) >= 0;
      codec.skip_frame(needed ? avcodec.AVDISCARD_DEFAULT : avcodec.AVDISCARD_NONREF);
    }
  }

  private void check(int error) throws VideoException {
    if (error < 0) {
      throw failed(error, Reason.DECODE_ERROR, after("decoding fails"));
    }
  }

  private String after(String what) {
    return what + " after " + (index + 1) + (index == 0 ? " frame" : " frames");
  }

  private VideoException bad(Reason reason, String sentence) {
    return new VideoException(path, reason, sentence);
  }

  private VideoException failed(int error, Reason reason, String sentence) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("reading " + path + " was interrupted");
    }
    if (watchdog.expired()) {
      return bad(Reason.TIMEOUT, "FFmpeg was given up after " + Limits.STALL_SECONDS + " seconds");
    }
    return bad(reason, sentence + " (FFmpeg: " + FFmpeg.describe(error) + ")");
  }

  /** Index of the present frame, from 0 in the order shown; -1 before the first. */
  public int index() {
    return index;
  }

  /** When the present frame is shown, in the stream's unit. */
  long stamp() {
    return frame.pts();
  }

  /** When the present frame is shown, seconds on the container's clock. */
  public double seconds() {
    long stamp = frame.best_effort_timestamp();
    if (stamp == avutil.AV_NOPTS_VALUE) {
      return fps() > 0 ? index / fps() : index;
    }
    return stamp * avutil.av_q2d(stream.time_base());
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
    int error = scaler.convert(frame, orientation, width, height, target);
    if (error < 0) {
      throw failed(error, Reason.DECODE_ERROR, "frame " + index + " has no usable pixel format");
    }
  }

  /** Displayed width in pixels, after rotation. */
  public int width() {
    return orientation.transposes() ? stream.codecpar().height() : stream.codecpar().width();
  }

  /** Displayed height in pixels, after rotation. */
  public int height() {
    return orientation.transposes() ? stream.codecpar().width() : stream.codecpar().height();
  }

  /** FFmpeg's name of the coding, such as {@code h264}. */
  public String codec() {
    return avcodec.avcodec_get_name(stream.codecpar().codec_id()).getString();
  }

  /** Average frames a second as the container says, 0 when it does not. */
  public double fps() {
    AVRational rate = stream.avg_frame_rate();
    return rate.den() == 0 ? 0 : avutil.av_q2d(rate);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    scaler.dispose();
    if (frame != null) {
      avutil.av_frame_free(frame);
    }
    if (packet != null) {
      avcodec.av_packet_free(packet);
    }
    if (codec != null) {
      avcodec.avcodec_free_context(codec);
    }
    if (container != null) {
      avformat.avformat_close_input(container);
    }
    watchdog.close();
  }
}
