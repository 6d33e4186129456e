package dev.tenzing.video;

import dev.tenzing.video.decode.FFmpeg;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
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
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Small videos of any coding, pixel format and container that FFmpeg can write: waves of grey and
 * colour that move, so that every frame differs from all others.
 */
public final class MadeVideos {
  /**
   * How a video is written.
   *
   * @param encoder FFmpeg's name
   * @param pixels FFmpeg's name of the pixel format
   * @param keyFrameEvery frames from one that stands alone to the next
   * @param between B frames in a row
   * @param interlaced whether frames are marked as two fields, and coded so where that is possible
   * @param matrix FFmpeg's number of the colour matrix
   * @param transfer FFmpeg's number of the transfer function
   */
  public record Form(
      String encoder,
      String pixels,
      int width,
      int height,
      int keyFrameEvery,
      int between,
      boolean interlaced,
      int matrix,
      int transfer) {

    /** Of 48 x 32, all progressive, with a frame that stands alone every 7. */
    public static Form of(String encoder, String pixels) {
      return new Form(
          encoder,
          pixels,
          48,
          32,
          7,
          0,
          false,
          avutil.AVCOL_SPC_UNSPECIFIED,
          avutil.AVCOL_TRC_UNSPECIFIED);
    }

    public Form size(int newWidth, int newHeight) {
      return new Form(
          encoder,
          pixels,
          newWidth,
          newHeight,
          keyFrameEvery,
          between,
          interlaced,
          matrix,
          transfer);
    }

    public Form fields() {
      return new Form(
          encoder, pixels, width, height, keyFrameEvery, between, true, matrix, transfer);
    }

    public Form between(int inARow) {
      return new Form(
          encoder, pixels, width, height, keyFrameEvery, inARow, interlaced, matrix, transfer);
    }

    public Form colours(int newMatrix, int newTransfer) {
      return new Form(
          encoder,
          pixels,
          width,
          height,
          keyFrameEvery,
          between,
          interlaced,
          newMatrix,
          newTransfer);
    }
  }

  private final Form form;
  private final int format;
  private final AVPacket packet;
  private final AVFrame frame;
  private AVFormatContext container;
  private AVCodecContext codec;
  private AVStream stream;

  private MadeVideos(Form form) {
    FFmpeg.load();
    this.form = form;
    this.format = avutil.av_get_pix_fmt(form.pixels());
    packet = avcodec.av_packet_alloc();
    frame = avutil.av_frame_alloc();
  }

  /**
   * Writes a video.
   *
   * @param muxer options of the container
   */
  public static Path write(Path file, Form form, int frames, Map<String, String> muxer)
      throws IOException {
    MadeVideos made = new MadeVideos(form);
    try {
      made.open(file, muxer);
      for (int i = 0; i < frames; i++) {
        made.draw(i);
        made.encode(made.frame);
      }
      made.encode(null);
      check(avformat.av_write_trailer(made.container), "trailer");
      return file;
    } finally {
      made.free();
    }
  }

  public static Path write(Path file, Form form, int frames) throws IOException {
    return write(file, form, frames, Map.of());
  }

  private void open(Path file, Map<String, String> muxer) throws IOException {
    AVCodec encoder = avcodec.avcodec_find_encoder_by_name(form.encoder());
    container = new AVFormatContext(null);
    String name = "file:" + file;
    check(avformat.avformat_alloc_output_context2(container, null, (String) null, name), name);
    AVRational tick = avutil.av_make_q(1, 25);
    codec = avcodec.avcodec_alloc_context3(encoder);
    int bothFields =
        form.interlaced() && !form.encoder().equals("libopenh264")
            ? avcodec.AV_CODEC_FLAG_INTERLACED_DCT
            : 0;
    codec
        .width(form.width())
        .height(form.height())
        .pix_fmt(format)
        .time_base(tick)
        .framerate(avutil.av_make_q(25, 1))
        .bit_rate(400_000)
        .gop_size(form.keyFrameEvery())
        .max_b_frames(form.between())
        .thread_count(1)
        .colorspace(form.matrix())
        .color_trc(form.transfer())
        .strict_std_compliance(-2)
        .flags(codec.flags() | avcodec.AV_CODEC_FLAG_BITEXACT | bothFields);
    if (form.interlaced()) {
      codec.field_order(avcodec.AV_FIELD_TT);
    }
    if ((container.oformat().flags() & avformat.AVFMT_GLOBALHEADER) != 0) {
      codec.flags(codec.flags() | avcodec.AV_CODEC_FLAG_GLOBAL_HEADER);
    }
    AVDictionary options = new AVDictionary(null);
    avutil.av_dict_set(options, "cpu-used", "8", 0);
    if (form.encoder().equals("ffv1")) {
      avutil.av_dict_set(options, "level", "3", 0); // with checksums
    }
    check(avcodec.avcodec_open2(codec, encoder, options), form.toString());
    stream = avformat.avformat_new_stream(container, null);
    stream.time_base(tick).avg_frame_rate(codec.framerate());
    check(avcodec.avcodec_parameters_from_context(stream.codecpar(), codec), "parameters");
    container.flags(container.flags() | AVFormatContext.AVFMT_FLAG_BITEXACT);
    try (BytePointer url = new BytePointer("file:" + file, StandardCharsets.UTF_8);
        PointerPointer<AVIOContext> holder = new PointerPointer<>(1)) {
      check(avformat.avio_open(holder, url, avformat.AVIO_FLAG_WRITE), "file");
      container.pb(holder.get(AVIOContext.class));
    }
    AVDictionary settings = new AVDictionary(null);
    muxer.forEach((key, value) -> avutil.av_dict_set(settings, key, value, 0));
    check(avformat.avformat_write_header(container, settings), "header");
  }

  private void draw(int number) throws IOException {
    avutil.av_frame_unref(frame);
    frame.width(form.width()).height(form.height()).format(format);
    frame.colorspace(form.matrix()).color_trc(form.transfer());
    frame.flags(form.interlaced() ? AVFrame.AV_FRAME_FLAG_INTERLACED : 0);
    check(avutil.av_frame_get_buffer(frame, 0), "frame");
    frame.pts(number);
    if (format == avutil.AV_PIX_FMT_PAL8) {
      drawPalette(number);
      return;
    }
    AVFrame rgb = avutil.av_frame_alloc();
    rgb.width(form.width()).height(form.height()).format(avutil.AV_PIX_FMT_RGB24);
    check(avutil.av_frame_get_buffer(rgb, 0), "frame");
    byte[] row = new byte[3 * form.width()];
    for (int y = 0; y < form.height(); y++) {
      for (int x = 0; x < form.width(); x++) {
        row[3 * x] = wave(x + 2 * number, 40);
        row[3 * x + 1] = wave(y - number, 23);
        row[3 * x + 2] = wave(x + y + 5 * number, 57);
      }
      new BytePointer(rgb.data(0)).position((long) y * rgb.linesize(0)).put(row);
    }
    var converter =
        swscale.sws_getContext(
            form.width(),
            form.height(),
            avutil.AV_PIX_FMT_RGB24,
            form.width(),
            form.height(),
            format,
            swscale.SWS_BILINEAR,
            null,
            null,
            (DoublePointer) null);
    swscale.sws_scale(
        converter, rgb.data(), rgb.linesize(), 0, form.height(), frame.data(), frame.linesize());
    swscale.sws_freeContext(converter);
    avutil.av_frame_free(rgb);
  }

  private static byte wave(int at, int period) {
    return (byte) (128 + 100 * Math.sin(2 * Math.PI * at / period));
  }

  /** Pixel (x, y) has the number x + y + 3 i, and number n the colour of {@link #palette}. */
  private void drawPalette(int number) {
    byte[] row = new byte[form.width()];
    for (int y = 0; y < form.height(); y++) {
      for (int x = 0; x < form.width(); x++) {
        row[x] = (byte) (x + y + 3 * number);
      }
      new BytePointer(frame.data(0)).position((long) y * frame.linesize(0)).put(row);
    }
    int[] colours = new int[256];
    for (int i = 0; i < 256; i++) {
      colours[i] = palette(i);
    }
    new IntPointer(frame.data(1)).put(colours);
  }

  /** A colour of the palette of such videos, 0xAARRGGBB. */
  public static int palette(int number) {
    return 0xFF000000 | (255 - number) << 16 | (number * 7 & 0xFF) << 8 | number;
  }

  private void encode(AVFrame frameOrEnd) throws IOException {
    check(avcodec.avcodec_send_frame(codec, frameOrEnd), "encode");
    while (true) {
      int error = avcodec.avcodec_receive_packet(codec, packet);
      if (error == avutil.AVERROR_EAGAIN() || error == avutil.AVERROR_EOF()) {
        return;
      }
      check(error, "encode");
      avcodec.av_packet_rescale_ts(packet, codec.time_base(), stream.time_base());
      packet.stream_index(0);
      packet.duration(avutil.av_rescale_q(1, codec.time_base(), stream.time_base()));
      check(avformat.av_interleaved_write_frame(container, packet), "write");
    }
  }

  private static void check(int error, String what) throws IOException {
    if (error < 0) {
      throw new IOException(what + ": " + FFmpeg.describe(error));
    }
  }

  private void free() {
    avutil.av_frame_free(frame);
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
