package dev.tenzing.video.encode;

import org.bytedeco.ffmpeg.global.avutil;

/**
 * How a video is written.
 *
 * @param codec the coding
 * @param width pixels, even
 * @param height pixels, even
 * @param fps frames a second
 * @param bitsPerSecond what the encoder aims at, unless a quantizer is given
 * @param quantizer for constant quality, 1 (best) to 31, or 0; MPEG-4 and Motion JPEG only
 * @param keyFrameEvery frames from one that stands alone to the next
 * @param betweenFrames B frames in a row, 0 for none; MPEG-4 only
 * @param rotation degrees clockwise by which a player shall turn the picture; MP4 and MOV only
 */
public record EncoderSettings(
    Codec codec,
    int width,
    int height,
    double fps,
    long bitsPerSecond,
    int quantizer,
    int keyFrameEvery,
    int betweenFrames,
    int rotation) {

  /** The codings that can be written. */
  public enum Codec {
    /** MPEG-4 part 2: quick to write and read, not shown by browsers. */
    MPEG4("mpeg4"),
    /** Motion JPEG: every frame stands alone. */
    MJPEG("mjpeg"),
    /** H.264, shown everywhere. */
    H264("libopenh264"),
    /** VP8, for WebM. */
    VP8("libvpx"),
    /** VP9, for WebM. */
    VP9("libvpx-vp9");

    final String encoder;

    /** FFmpeg's number of the pixel format that the encoder takes. */
    int pixelFormat() {
      return this == MJPEG ? avutil.AV_PIX_FMT_YUVJ420P : avutil.AV_PIX_FMT_YUV420P;
    }

    Codec(String encoder) {
      this.encoder = encoder;
    }
  }

  public EncoderSettings {
    if (width < 2 || height < 2 || width % 2 != 0 || height % 2 != 0) {
      throw new IllegalArgumentException(
          "a video's sides must be even, not " + width + "x" + height);
    }
    if (!(fps > 0 && fps <= 1000)
        || quantizer < 0
        || quantizer > 31
        || bitsPerSecond < 1
        || keyFrameEvery < 1
        || betweenFrames < 0) {
      throw new IllegalArgumentException("a video needs a positive frame rate and bit rate");
    }
  }

  /** H.264 of good quality: about two bits a pixel and second at 12 frames a second. */
  public static EncoderSettings h264(int width, int height, double fps) {
    return new EncoderSettings(
        Codec.H264, width, height, fps, rate(width, height, fps), 0, 12, 0, 0);
  }

  /** MPEG-4 part 2 of good quality. */
  public static EncoderSettings mpeg4(int width, int height, double fps) {
    return new EncoderSettings(
        Codec.MPEG4, width, height, fps, rate(width, height, fps), 0, 12, 0, 0);
  }

  private static long rate(int width, int height, double fps) {
    return Math.max(200_000, (long) (width * height * fps / 2));
  }

  /** The same in another coding. */
  public EncoderSettings with(Codec other) {
    return new EncoderSettings(
        other,
        width,
        height,
        fps,
        bitsPerSecond,
        quantizer,
        keyFrameEvery,
        betweenFrames,
        rotation);
  }

  /** The same with B frames. */
  public EncoderSettings withBetweenFrames(int inARow) {
    return new EncoderSettings(
        codec, width, height, fps, bitsPerSecond, quantizer, keyFrameEvery, inARow, rotation);
  }

  /** The same with constant quality, from 1 (best) to 31. */
  public EncoderSettings withQuantizer(int value) {
    return new EncoderSettings(
        codec, width, height, fps, bitsPerSecond, value, keyFrameEvery, betweenFrames, rotation);
  }

  /** The same with other distances between frames that stand alone. */
  public EncoderSettings withKeyFrameEvery(int frames) {
    return new EncoderSettings(
        codec, width, height, fps, bitsPerSecond, quantizer, frames, betweenFrames, rotation);
  }

  /** The same, to be turned clockwise when shown. */
  public EncoderSettings withRotation(int degrees) {
    return new EncoderSettings(
        codec, width, height, fps, bitsPerSecond, quantizer, keyFrameEvery, betweenFrames, degrees);
  }
}
