package dev.tenzing.video.decode;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * What a frame says of its colours, as far as its conversion to RGB heeds it: the matrix, whether
 * black is 0, and where the colour samples lie. Primaries and transfer are not converted, so HDR is
 * not tone-mapped: the RGB values are those that FFmpeg's tools write.
 *
 * @param matrix one that swscale has coefficients for
 * @param range FFmpeg's number
 * @param location of colour samples, FFmpeg's number
 */
record Colours(int matrix, int range, int location) {
  static Colours of(AVFrame frame) {
    int range = frame.color_range();
    int location = frame.chroma_location();
    return new Colours(
        known(frame.colorspace()),
        range < 0 || range >= avutil.AVCOL_RANGE_NB ? avutil.AVCOL_RANGE_UNSPECIFIED : range,
        location < 0 || location >= avutil.AVCHROMA_LOC_NB
            ? avutil.AVCHROMA_LOC_UNSPECIFIED
            : location);
  }

  /**
   * BT.2020 with constant luminance is read as the one without, which comes close. All others that
   * swscale knows no coefficients for (YCgCo, ICtCp, ST 2085, reserved numbers, RGB on pictures
   * that are none) count as unspecified, which means BT.601 as in every FFmpeg tool: their
   * brightness is right and their colours are not.
   */
  private static int known(int matrix) {
    return switch (matrix) {
      case avutil.AVCOL_SPC_BT709,
          avutil.AVCOL_SPC_FCC,
          avutil.AVCOL_SPC_BT470BG,
          avutil.AVCOL_SPC_SMPTE170M,
          avutil.AVCOL_SPC_SMPTE240M,
          avutil.AVCOL_SPC_BT2020_NCL ->
          matrix;
      case avutil.AVCOL_SPC_BT2020_CL -> avutil.AVCOL_SPC_BT2020_NCL;
      default -> avutil.AVCOL_SPC_UNSPECIFIED;
    };
  }

  /**
   * Tags a frame with these colours, and with nothing that swscale would refuse or convert by:
   * pictures of two fields are scaled as one, like FFmpeg's tools do.
   */
  void tag(AVFrame frame) {
    frame
        .colorspace(matrix)
        .color_range(range)
        .chroma_location(location)
        .color_primaries(avutil.AVCOL_PRI_UNSPECIFIED)
        .color_trc(avutil.AVCOL_TRC_UNSPECIFIED)
        .flags(frame.flags() & ~AVFrame.AV_FRAME_FLAG_INTERLACED);
  }
}
