package dev.tenzing.video.decode;

import dev.tenzing.video.decode.VideoException.Reason;
import dev.tenzing.video.file.Unreadable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * Decodes the pictures of a folder one after the other, with FFmpeg's JPEG and PNG decoders. Each
 * picture has a decoder of its own, since one that goes on takes tables that a JPEG lacks from the
 * picture before.
 */
final class PictureDecoder implements AutoCloseable {
  private final Path video;
  private final Scaler scaler = new Scaler();
  private final AVPacket packet;
  private final AVFrame frame;
  private AVCodecContext codec;
  private int codecId;
  private Path picture;

  /**
   * @param video what messages name
   */
  PictureDecoder(Path video) {
    FFmpeg.load();
    this.video = video;
    packet = avcodec.av_packet_alloc();
    frame = avutil.av_frame_alloc();
  }

  /** Decodes a picture, which is then the present one. */
  void open(Path file) throws VideoException {
    picture = file;
    byte[] bytes = bytes(file);
    boolean png = file.toString().toLowerCase(Locale.ROOT).endsWith(".png");
    begin(png ? avcodec.AV_CODEC_ID_PNG : avcodec.AV_CODEC_ID_MJPEG);
    check(avcodec.av_new_packet(packet, bytes.length), "it does not fit in memory");
    try {
      packet.data().put(bytes, 0, bytes.length);
      check(avcodec.avcodec_send_packet(codec, packet), "it is damaged");
    } finally {
      avcodec.av_packet_unref(packet);
    }
    int error = avcodec.avcodec_receive_frame(codec, frame);
    if (error == avutil.AVERROR_EAGAIN()) {
      check(avcodec.avcodec_send_packet(codec, null), "it is damaged");
      error = avcodec.avcodec_receive_frame(codec, frame);
    }
    check(error, "it is damaged");
    if (frame.decode_error_flags() != 0 || (frame.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) != 0) {
      throw bad(Reason.DECODE_ERROR, "it is damaged");
    }
    int shorter = Math.min(frame.width(), frame.height());
    if (shorter < Limits.MIN_SIDE
        || Math.max(frame.width(), frame.height()) > Limits.MAX_ASPECT * shorter) {
      throw bad(Reason.TOO_SMALL, "%sx%s is too small".formatted(frame.width(), frame.height()));
    }
  }

  private byte[] bytes(Path file) throws VideoException {
    try {
      if (Files.size(file) > Limits.MAX_ALLOCATION) {
        throw bad(Reason.TOO_LARGE, "the file is too large for a picture");
      }
      return Files.readAllBytes(file);
    } catch (ClosedByInterruptException e) {
      throw new CancellationException("reading " + file + " was interrupted");
    } catch (IOException e) {
      throw bad(Reason.UNREADABLE, "it cannot be read (" + Unreadable.reason(e) + ")");
    }
  }

  private void begin(int id) throws VideoException {
    freeCodec();
    AVCodec implementation = avcodec.avcodec_find_decoder(id);
    codec = avcodec.avcodec_alloc_context3(implementation);
    codec.thread_count(1);
    codec.max_pixels(Limits.MAX_PIXELS);
    codec.err_recognition(Codec.STRICT);
    codecId = id;
    check(avcodec.avcodec_open2(codec, implementation, (AVDictionary) null), "no decoder for it");
  }

  int width() {
    return frame.width();
  }

  int height() {
    return frame.height();
  }

  /** FFmpeg's name of the coding: {@code mjpeg} or {@code png}. */
  String codec() {
    return avcodec.avcodec_get_name(codecId).getString();
  }

  /** Scales the present picture into RGB24 bytes [height, width, 3]. */
  void read(MemorySegment target, int width, int height) throws VideoException {
    checkConverted(scaler.convert(frame, Orientation.UPRIGHT, width, height, target));
  }

  /** Rejects the present picture if it cannot be turned into RGB. */
  void tryConversion(ConversionCheck conversion) throws VideoException {
    checkConverted(conversion.check(frame));
  }

  private void checkConverted(int error) throws VideoException {
    check(error, "FFmpeg cannot convert the format " + FFmpeg.pixelFormat(frame.format()));
  }

  private void check(int error, String sentence) throws VideoException {
    if (error < 0) {
      throw bad(Reason.DECODE_ERROR, sentence + " (FFmpeg: " + FFmpeg.describe(error) + ")");
    }
  }

  private VideoException bad(Reason reason, String sentence) {
    return new VideoException(video, reason, picture.getFileName() + ": " + sentence);
  }

  private void freeCodec() {
    if (codec != null) {
      avcodec.avcodec_free_context(codec);
      codec = null;
    }
  }

  @Override
  public void close() {
    scaler.close();
    freeCodec();
    avutil.av_frame_free(frame);
    avcodec.av_packet_free(packet);
  }
}
