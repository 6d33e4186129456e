package dev.tenzing.video.decode;

import dev.tenzing.video.decode.VideoException.Reason;
import dev.tenzing.video.file.Unreadable;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIndexEntry;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * One open file and the packets of its video stream, in the order in which they lie in it. What the
 * file holds decides, not its name; only containers of moving pictures are accepted, and no file
 * but the given one is opened. A stream's address decides what else may be opened for it.
 */
final class Container implements AutoCloseable {
  private static final String KNOWN =
      "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,h264,hevc,ivf,m4v,"
          + "gif,apng,dv,mxf,nut,rm,wtv,yuv4mpegpipe";

  private static final String TRANSPORT_STREAM = "mpegts";

  private final Defects defects;
  private final ContainerEnd.Found end;
  private final AVPacket packet = avcodec.av_packet_alloc();
  private AVFormatContext context;
  private AVStream stream;
  private boolean cut;
  private boolean begun;
  private boolean transportStream;
  private byte[] palette;

  private Container(Defects defects, ContainerEnd.Found end) {
    this.defects = defects;
    this.end = end;
  }

  /**
   * Opens a file, reads its header and chooses its video stream.
   *
   * @throws VideoException when there is no video in it
   * @throws CancellationException when the thread was interrupted
   */
  static Container open(Path path, Watchdog watchdog, Defects defects) throws VideoException {
    FFmpeg.load();
    Container container = new Container(defects, checkFile(path, defects));
    try {
      container.open(
          path, "file:" + path.toAbsolutePath(), KNOWN, "file", null, Map.of(), watchdog);
      container.checkIndex();
      container.chooseStream();
      return container;
    } catch (VideoException | RuntimeException e) {
      container.close();
      throw e;
    }
  }

  /**
   * Opens a stream, waits for its beginning and chooses its pictures.
   *
   * @throws VideoException when there is no video in it, or it does not come
   * @throws CancellationException when the thread was interrupted
   */
  static Container open(StreamAddress address, Watchdog watchdog, Defects defects)
      throws VideoException {
    FFmpeg.load();
    boolean camera = address.kind() == StreamAddress.Kind.CAMERA;
    if (camera) {
      String problem = FFmpeg.loadDevices();
      if (problem != null) {
        throw defects.of(Reason.UNREADABLE, problem);
      }
    }
    Container container = new Container(defects, ContainerEnd.Found.OPEN);
    try {
      container.open(
          null,
          address.url(),
          KNOWN + address.kind().formats,
          address.kind().protocols,
          camera ? "video4linux2" : null,
          address.kind() == StreamAddress.Kind.RTSP ? Map.of("rtsp_flags", "prefer_tcp") : Map.of(),
          watchdog);
      container.chooseStream();
      return container;
    } catch (VideoException | RuntimeException e) {
      container.close();
      throw e;
    }
  }

  private static ContainerEnd.Found checkFile(Path path, Defects defects) throws VideoException {
    if (!Files.exists(path)) {
      throw defects.of(Reason.MISSING, "there is no such file");
    }
    if (!Files.isRegularFile(path)) {
      throw defects.of(
          Reason.UNREADABLE,
          Files.isDirectory(path) ? "this is a folder, not a video file" : "this is not a file");
    }
    try {
      if (Files.size(path) == 0) {
        throw defects.of(Reason.EMPTY, "the file is empty");
      }
      return ContainerEnd.check(path);
    } catch (ClosedByInterruptException e) {
      throw new CancellationException("reading " + path + " was interrupted");
    } catch (IOException e) {
      throw defects.of(Reason.UNREADABLE, "the file cannot be read (" + Unreadable.reason(e) + ")");
    }
  }

  /**
   * @param file null for a stream
   * @param format the only one that is tried, or null
   * @param more options of the format
   */
  private void open(
      Path file,
      String address,
      String formats,
      String protocols,
      String format,
      Map<String, String> more,
      Watchdog watchdog)
      throws VideoException {
    context = avformat.avformat_alloc_context();
    watchdog.watch(context);
    AVDictionary options = new AVDictionary(null);
    avutil.av_dict_set(options, "format_whitelist", formats, 0);
    avutil.av_dict_set(options, "protocol_whitelist", protocols, 0);
    more.forEach((key, value) -> avutil.av_dict_set(options, key, value, 0));
    AVInputFormat only = format == null ? null : avformat.av_find_input_format(format);
    int error;
    try (BytePointer url = new BytePointer(address, StandardCharsets.UTF_8);
        PointerPointer<AVFormatContext> holder = new PointerPointer<>(1);
        PointerPointer<AVDictionary> optionHolder = new PointerPointer<>(1)) {
      holder.put(0, context);
      optionHolder.put(0, options);
      error = avformat.avformat_open_input(holder, url, only, optionHolder);
      context = holder.get(AVFormatContext.class);
      avutil.av_dict_free(optionHolder);
    }
    boolean stream = defects.isStream();
    if (error < 0) {
      context = null;
      // FFmpeg finds no fault with a file that it is not allowed to read.
      String other = !stream && error == avutil.AVERROR_EINVAL() ? Probe.describe(file) : null;
      if (other != null) {
        throw defects.of(
            Reason.UNREADABLE, "FFmpeg takes this for " + other + ", which is not read as a video");
      }
      throw defects.failed(
          error,
          Reason.UNREADABLE,
          stream
              ? "the stream cannot be opened"
              : "no video container that FFmpeg knows, or a damaged one");
    }
    error = avformat.avformat_find_stream_info(context, (AVDictionary) null);
    if (error < 0) {
      throw defects.failed(error, Reason.UNREADABLE, "the header cannot be read");
    }
  }

  /**
   * A header that promises more than the file has is wrong by some bytes, not the file cut off,
   * when all that its index names is there.
   */
  private void checkIndex() throws VideoException {
    if (end.missing() == null) {
      return;
    }
    int entries = 0;
    for (int i = 0; i < context.nb_streams(); i++) {
      AVStream one = context.streams(i);
      int count = avformat.avformat_index_get_entries_count(one);
      entries += count;
      for (int k = 0; k < count; k++) {
        AVIndexEntry entry = avformat.avformat_index_get_entry(one, k);
        if (entry.pos() + entry.size() > end.length()) {
          throw defects.of(Reason.TRUNCATED, end.missing());
        }
      }
    }
    if (entries == 0) {
      throw defects.of(Reason.TRUNCATED, end.missing());
    }
  }

  private void chooseStream() throws VideoException {
    int best =
        avformat.av_find_best_stream(context, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
    if (best < 0 || isCover(context.streams(best))) {
      throw defects.of(
          Reason.NO_VIDEO_STREAM,
          "there are no moving pictures in " + (defects.isStream() ? "it" : "the file"));
    }
    for (int i = 0; i < context.nb_streams(); i++) {
      if (i != best) {
        context.streams(i).discard(avcodec.AVDISCARD_ALL);
      }
    }
    stream = context.streams(best);
    transportStream = TRANSPORT_STREAM.equals(context.iformat().name().getString());
    defects.checkSize(stream.codecpar().width(), stream.codecpar().height());
  }

  private static boolean isCover(AVStream stream) {
    return (stream.disposition() & avformat.AV_DISPOSITION_ATTACHED_PIC) != 0;
  }

  /** The chosen stream. */
  AVStream stream() {
    return stream;
  }

  /** How long the container says it takes, 0 when it does not. */
  double promisedSeconds() {
    return Math.max(0, (double) context.duration() / avutil.AV_TIME_BASE);
  }

  /** FFmpeg's name of the coding, such as {@code h264}. */
  String codec() {
    return avcodec.avcodec_get_name(stream.codecpar().codec_id()).getString();
  }

  /** How the stored picture is turned for display. */
  Orientation orientation() {
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

  /**
   * Goes to the next packet of the stream.
   *
   * @return false after the last one
   * @throws VideoException when the container is damaged or time is up
   * @throws CancellationException when the thread was interrupted
   */
  boolean next() throws VideoException {
    while (true) {
      avcodec.av_packet_unref(packet);
      int error = avformat.av_read_frame(context, packet);
      defects.checkTime();
      if (error == avutil.AVERROR_EOF()) {
        if (cut) {
          throw defects.of(Reason.TRUNCATED, defects.after("the file is cut off"));
        }
        return false;
      }
      if (defects.isStream() && error == avutil.AVERROR_EAGAIN() || defects.passOver(error)) {
        continue;
      }
      if (error < 0 && defects.isStream()) {
        throw defects.failed(
            error,
            Reason.TRUNCATED,
            defects.frames() > 0
                ? defects.after("the stream breaks off")
                : "no frame can be read; an MP4 whose index lies at its end does not go through a"
                    + " pipe, nor from a server that cannot send parts");
      }
      if (error < 0) {
        boolean cut = error == avutil.AVERROR_EIO();
        throw defects.failed(
            error,
            cut ? Reason.TRUNCATED : Reason.DECODE_ERROR,
            defects.after(cut ? "the file ends early" : "the container is damaged"));
      }
      if (packet.stream_index() == stream.index()) {
        checkWhole();
        if (!begun) {
          begun = true;
          palette = FFmpeg.sideData(packet, avcodec.AV_PKT_DATA_PALETTE);
        }
        return true;
      }
    }
  }

  private void checkWhole() throws VideoException {
    cut = (packet.flags() & avcodec.AV_PKT_FLAG_CORRUPT) != 0 && !defects.isStream();
    // Where a transport stream was joined, its packets' counters jump and FFmpeg marks a packet
    // that nothing is missing of; if something is, the decoder notices. Only the last may be cut.
    if (cut && !transportStream) {
      throw end.whole()
          ? defects.of(
              Reason.DECODE_ERROR,
              defects.after("the container is damaged: a packet lies beyond the file's end"))
          : defects.of(Reason.TRUNCATED, defects.after("the file is cut off"));
    }
  }

  /**
   * Gives the present packet the palette that came with the first one, if it brings none: who
   * begins to decode here needs it.
   */
  void carryPalette() throws VideoException {
    if (palette != null
        && FFmpeg.sideData(packet, avcodec.AV_PKT_DATA_PALETTE) == null
        && FFmpeg.addSideData(packet, avcodec.AV_PKT_DATA_PALETTE, palette) < 0) {
      throw defects.of(Reason.DECODE_ERROR, "no memory for a palette");
    }
  }

  /** The present packet is not decoded, and no frame can come of it: no reason to give up. */
  void readOn() {
    defects.readOn();
  }

  /** The present packet. */
  AVPacket packet() {
    return packet;
  }

  /**
   * Asks FFmpeg to go to a packet with this stamp, or to one before it. Where it went is not known
   * until packets are read: time stamps of many files are wrong.
   *
   * @return false when the container refuses
   */
  boolean seek(long stamp) throws VideoException {
    if (!begun && stream.codecpar().format() == avutil.AV_PIX_FMT_PAL8 && !next()) {
      return false;
    }
    return avformat.av_seek_frame(context, stream.index(), stamp, avformat.AVSEEK_FLAG_BACKWARD)
        >= 0;
  }

  @Override
  public void close() {
    avcodec.av_packet_free(packet);
    if (context != null) {
      avformat.avformat_close_input(context);
      context = null;
    }
  }
}
