package dev.tenzing.video.encode;

import dev.tenzing.video.decode.FFmpeg;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Writes RGB pictures as a video file; the file's ending chooses the container (.mp4, .avi, .webm,
 * .mkv, .mov). The same pictures give the same bytes again.
 *
 * <p>JavaCV's recorder would write these bytes too, but it does not say when the end of a file
 * could not be written, and half a video would be taken for a whole one.
 *
 * <pre>{@code
 * try (var writer = VideoWriter.create(path, EncoderSettings.h264(224, 224, 25))) {
 *   writer.write(pixels);   // [224, 224, 3], once for each frame
 * }
 * }</pre>
 */
public final class VideoWriter implements AutoCloseable {
  private final Path path;
  private final EncoderSettings settings;
  private final AVPacket packet = avcodec.av_packet_alloc();
  private final AVFrame rgb = avutil.av_frame_alloc();
  private final AVFrame yuv = avutil.av_frame_alloc();
  private AVFormatContext container;
  private AVCodecContext codec;
  private AVStream stream;
  private SwsContext converter;
  private int frames;
  private boolean closed;

  private VideoWriter(Path path, EncoderSettings settings) {
    this.path = path;
    this.settings = settings;
  }

  /**
   * Creates the file, replacing one that is there.
   *
   * @throws IOException when the container, the coding or the place does not allow it
   */
  public static VideoWriter create(Path path, EncoderSettings settings) throws IOException {
    FFmpeg.load();
    VideoWriter writer = new VideoWriter(path, settings);
    try {
      writer.open();
      return writer;
    } catch (IOException | RuntimeException e) {
      writer.release();
      throw e;
    }
  }

  private void open() throws IOException {
    AVCodec encoder = avcodec.avcodec_find_encoder_by_name(settings.codec().encoder);
    if (encoder == null || encoder.isNull()) {
      throw new IOException(path + ": this FFmpeg cannot write " + settings.codec());
    }
    container = new AVFormatContext(null);
    check(
        avformat.avformat_alloc_output_context2(
            container, null, (String) null, path.getFileName().toString()),
        "no container for this ending");
    codec = avcodec.avcodec_alloc_context3(encoder);
    // MPEG-4 has room for a rate of 16 bits: 30000/1001 is the largest that is met.
    AVRational rate = avutil.av_d2q(settings.fps(), 65_535);
    AVRational tick = avutil.av_inv_q(rate);
    codec
        .width(settings.width())
        .height(settings.height())
        .pix_fmt(settings.codec().pixelFormat())
        .time_base(tick)
        .framerate(rate)
        .bit_rate(settings.bitsPerSecond())
        .gop_size(settings.keyFrameEvery())
        .max_b_frames(settings.betweenFrames())
        .thread_count(1)
        .flags(codec.flags() | avcodec.AV_CODEC_FLAG_BITEXACT);
    if (settings.quantizer() > 0) {
      codec
          .flags(codec.flags() | avcodec.AV_CODEC_FLAG_QSCALE)
          .global_quality(settings.quantizer() * avutil.FF_QP2LAMBDA);
    }
    if ((container.oformat().flags() & avformat.AVFMT_GLOBALHEADER) != 0) {
      codec.flags(codec.flags() | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER);
    }
    AVDictionary none = null;
    check(avcodec.avcodec_open2(codec, encoder, none), "the encoder refuses the settings");
    stream = avformat.avformat_new_stream(container, null);
    stream.time_base(tick);
    stream.avg_frame_rate(codec.framerate());
    check(avcodec.avcodec_parameters_from_context(stream.codecpar(), codec), "no parameters");
    if (settings.rotation() != 0) {
      rotate();
    }
    container.flags(container.flags() | AVFormatContext.AVFMT_FLAG_BITEXACT);
    AVIOContext file = new AVIOContext(null);
    try (BytePointer url =
            new BytePointer("file:" + path.toAbsolutePath(), StandardCharsets.UTF_8);
        PointerPointer<AVIOContext> holder = new PointerPointer<>(1)) {
      check(avformat.avio_open(holder, url, avformat.AVIO_FLAG_WRITE), "cannot create the file");
      file = holder.get(AVIOContext.class);
    }
    container.pb(file);
    check(avformat.avformat_write_header(container, none), "the container refuses the coding");
    prepareFrames();
  }

  private void rotate() {
    try (IntPointer count = new IntPointer(1).put(0);
        PointerPointer<AVPacketSideData> list = new PointerPointer<>(1)) {
      list.put(0, (org.bytedeco.javacpp.Pointer) null);
      int bytes = 9 * Integer.BYTES;
      AVPacketSideData entry =
          avcodec.av_packet_side_data_new(list, count, avcodec.AV_PKT_DATA_DISPLAYMATRIX, bytes, 0);
      avutil.av_display_rotation_set(new IntPointer(entry.data()), settings.rotation());
      stream.codecpar().coded_side_data(list.get(AVPacketSideData.class));
      stream.codecpar().nb_coded_side_data(count.get());
    }
  }

  private void prepareFrames() throws IOException {
    rgb.format(avutil.AV_PIX_FMT_RGB24);
    yuv.format(settings.codec().pixelFormat());
    for (AVFrame frame : new AVFrame[] {rgb, yuv}) {
      frame.width(settings.width()).height(settings.height()).quality(codec.global_quality());
      check(avutil.av_frame_get_buffer(frame, 0), "no memory for a frame");
    }
    converter =
        swscale.sws_getContext(
            settings.width(),
            settings.height(),
            avutil.AV_PIX_FMT_RGB24,
            settings.width(),
            settings.height(),
            settings.codec().pixelFormat(),
            swscale.SWS_BILINEAR | swscale.SWS_ACCURATE_RND,
            null,
            null,
            (DoublePointer) null);
  }

  /**
   * Appends a frame.
   *
   * @param pixels RGB24 bytes [height, width, 3]
   */
  public void write(MemorySegment pixels) throws IOException {
    check(avutil.av_frame_make_writable(yuv), "no memory for a frame");
    long row = 3L * settings.width();
    int stride = rgb.linesize(0);
    MemorySegment target =
        MemorySegment.ofAddress(rgb.data(0).address())
            .reinterpret((long) stride * settings.height());
    for (int y = 0; y < settings.height(); y++) {
      MemorySegment.copy(pixels, y * row, target, (long) y * stride, row);
    }
    swscale.sws_scale(
        converter, rgb.data(), rgb.linesize(), 0, settings.height(), yuv.data(), yuv.linesize());
    yuv.pts(frames++);
    encode(yuv);
  }

  private void encode(AVFrame frameOrEnd) throws IOException {
    check(avcodec.avcodec_send_frame(codec, frameOrEnd), "a frame cannot be encoded");
    while (true) {
      int error = avcodec.avcodec_receive_packet(codec, packet);
      if (error == avutil.AVERROR_EAGAIN() || error == avutil.AVERROR_EOF()) {
        return;
      }
      check(error, "a frame cannot be encoded");
      avcodec.av_packet_rescale_ts(packet, codec.time_base(), stream.time_base());
      packet.stream_index(0);
      packet.duration(avutil.av_rescale_q(1, codec.time_base(), stream.time_base()));
      check(avformat.av_interleaved_write_frame(container, packet), "the file cannot be written");
    }
  }

  private void check(int error, String what) throws IOException {
    if (error < 0) {
      throw new IOException(path + ": " + what + " (FFmpeg: " + FFmpeg.describe(error) + ")");
    }
  }

  /** Completes the file. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    try {
      encode(null);
      check(avformat.av_write_trailer(container), "the file cannot be completed");
    } finally {
      release();
    }
  }

  private void release() {
    closed = true;
    swscale.sws_freeContext(converter);
    avutil.av_frame_free(rgb);
    avutil.av_frame_free(yuv);
    avcodec.av_packet_free(packet);
    if (codec != null) {
      avcodec.avcodec_free_context(codec);
    }
    if (container != null && !container.isNull()) {
      if (container.pb() != null) {
        avformat.avio_closep(container.pb());
      }
      avformat.avformat_free_context(container);
    }
  }
}
