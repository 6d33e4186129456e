package dev.tenzing.video.prepare;

import dev.tenzing.video.decode.VideoInfo;
import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.encode.EncoderSettings.Codec;
import dev.tenzing.video.transform.ShortSide;
import java.util.Locale;

/**
 * How small copies of videos are written. Of what this FFmpeg can write, Motion JPEG is the
 * quickest to read at a stride of 4 and MPEG-4 with three B frames takes 1.4 times as long and half
 * the space: frames that are not wanted are left undecoded, since no other refers to them.
 *
 * @param codec MPEG4, MJPEG or H264
 * @param shortSide the length of the shorter side, pixels; smaller videos keep their size
 * @param keyFrameEvery frames from one that stands alone to the next
 */
public record ClipFormat(Codec codec, int shortSide, int keyFrameEvery) {
  /** Constant quality: higher numbers begin to show. */
  private static final int QUANTIZER = 3;

  private static final int BETWEEN = 3;

  public ClipFormat {
    if (shortSide < 16 || shortSide > 4096 || keyFrameEvery < 1) {
      throw new IllegalArgumentException(
          "clips need a short side of 16 to 4096 pixels and a key frame now and then, not "
              + shortSide
              + " and "
              + keyFrameEvery);
    }
  }

  /** The file's ending. */
  String ending() {
    return codec == Codec.MJPEG ? ".avi" : ".mp4";
  }

  /** How the copy of a video is encoded. */
  EncoderSettings settings(VideoInfo info) {
    int side = Math.min(shortSide, Math.min(info.width(), info.height()));
    ShortSide size = ShortSide.of(info.width(), info.height(), side);
    double seconds = info.seconds();
    double counted = seconds > 0 ? info.frames() / seconds : 25;
    double fps = Math.clamp(info.fps() > 0 ? info.fps() : counted, 1, 1000);
    int width = size.width() / 2 * 2;
    int height = size.height() / 2 * 2;
    EncoderSettings settings =
        codec == Codec.H264
            ? EncoderSettings.h264(width, height, fps)
            : EncoderSettings.mpeg4(width, height, fps).with(codec).withQuantizer(QUANTIZER);
    return settings
        .withKeyFrameEvery(keyFrameEvery)
        .withBetweenFrames(codec == Codec.MPEG4 ? Math.min(BETWEEN, keyFrameEvery - 1) : 0);
  }

  /** What copies of the same format share, in one word. */
  @Override
  public String toString() {
    return codec.name().toLowerCase(Locale.ROOT) + "-" + shortSide + "-" + keyFrameEvery;
  }
}
