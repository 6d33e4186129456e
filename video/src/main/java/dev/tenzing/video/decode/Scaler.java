package dev.tenzing.video.decode;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Turns decoded frames of any pixel format into RGB24 of a wanted size by swscale (bilinear, with a
 * wider filter when it shrinks), then into their displayed orientation.
 *
 * <p>Frames of the usual format, 4:2:0 with 8 bits, are scaled as they are and coloured afterwards:
 * swscale has vector code for each of these steps and none for both at once. From 640x360 to
 * 455x256 that takes 0.2 ms instead of 1.3.
 *
 * <p>All other formats go through swscale's newer interface, which also heeds where a frame's
 * colour samples lie: the older one was off by half a sample with 10 bits. It refuses frames that
 * are marked as interlaced and some colour tags, so it gets frames without them: see {@link
 * Colours}.
 *
 * <p>swscale writes whole vectors past the end of a row, so it works on padded rows of its own; the
 * copy from there costs a hundredth of the decoding.
 */
final class Scaler implements AutoCloseable {
  private static final int ROW_ALIGNMENT = 64;

  /** What a conversion was prepared for; a stream may change any of it between two frames. */
  private record Plan(
      int width, int height, int format, Colours colours, int outWidth, int outHeight) {

    boolean usual() {
      return format == avutil.AV_PIX_FMT_YUV420P || format == avutil.AV_PIX_FMT_YUVJ420P;
    }

    boolean scales() {
      return width != outWidth || height != outHeight;
    }
  }

  private final PointerPointer<BytePointer> targetPlanes;
  private final IntPointer targetStrides;
  private Plan plan;
  private SwsContext resizer;
  private AVFrame resized;
  private SwsContext painter;
  private AVFrame painted;
  private Arena arena;
  private MemorySegment rows;
  private long stride;

  Scaler() {
    FFmpeg.load();
    targetPlanes = new PointerPointer<>(4);
    targetStrides = new IntPointer(4L);
  }

  /**
   * Converts a frame.
   *
   * @param width displayed width wanted
   * @param height displayed height wanted
   * @param target [height, width, 3] bytes
   * @return an FFmpeg error, or 0
   */
  int convert(AVFrame frame, Orientation orientation, int width, int height, MemorySegment target) {
    int storedWidth = orientation.transposes() ? height : width;
    int storedHeight = orientation.transposes() ? width : height;
    Plan wanted =
        new Plan(
            frame.width(),
            frame.height(),
            frame.format(),
            Colours.of(frame),
            storedWidth,
            storedHeight);
    if (!wanted.equals(plan)) {
      forget();
      if (!prepare(wanted)) {
        forget();
        return avutil.AVERROR_PATCHWELCOME();
      }
      plan = wanted;
    }
    int lines = painted == null ? scaleThenPaint(frame) : paint(frame);
    if (lines < 0) {
      return lines;
    }
    orientation.copy(rows, stride, storedWidth, storedHeight, target);
    return 0;
  }

  private int paint(AVFrame frame) {
    plan.colours.tag(frame);
    return swscale.sws_scale_frame(painter, painted, frame);
  }

  private int scaleThenPaint(AVFrame frame) {
    AVFrame source = frame;
    if (resizer != null) {
      int lines =
          swscale.sws_scale(
              resizer,
              frame.data(),
              frame.linesize(),
              0,
              frame.height(),
              resized.data(),
              resized.linesize());
      if (lines < 0) {
        return lines;
      }
      source = resized;
    }
    return swscale.sws_scale(
        painter, source.data(), source.linesize(), 0, source.height(), targetPlanes, targetStrides);
  }

  private boolean prepare(Plan wanted) {
    if (wanted.usual()) {
      return prepareUsual(wanted);
    }
    return convertible(wanted.format) && prepareOther(wanted);
  }

  /** Grey in floating point with transparency ends the process in swscale 9.1, by an assertion. */
  private static boolean convertible(int format) {
    return switch (format) {
      case avutil.AV_PIX_FMT_YAF16BE,
          avutil.AV_PIX_FMT_YAF16LE,
          avutil.AV_PIX_FMT_YAF32BE,
          avutil.AV_PIX_FMT_YAF32LE ->
          false;
      default -> swscale.sws_isSupportedInput(format) != 0;
    };
  }

  private boolean prepareOther(Plan wanted) {
    painter = swscale.sws_alloc_context();
    painted = avutil.av_frame_alloc();
    painted.width(wanted.outWidth).height(wanted.outHeight).format(avutil.AV_PIX_FMT_RGB24);
    if (painter == null || avutil.av_frame_get_buffer(painted, 0) < 0) {
      return false;
    }
    painter.flags(swscale.SWS_BILINEAR);
    stride = painted.linesize(0);
    rows =
        MemorySegment.ofAddress(painted.data(0).address()).reinterpret(stride * wanted.outHeight);
    return true;
  }

  private boolean prepareUsual(Plan wanted) {
    int width = wanted.width;
    int height = wanted.height;
    int outHeight = wanted.outHeight;
    if (wanted.scales()) {
      width = wanted.outWidth;
      // The vector code for colours wants rows in pairs; one row too many is left out of the copy.
      outHeight += outHeight % 2;
      height = outHeight;
      resizer =
          context(
              wanted.width, wanted.height, wanted.format, width, wanted.outHeight, wanted.format);
      resized = avutil.av_frame_alloc();
      resized.width(width).height(height).format(wanted.format);
      if (resizer == null || avutil.av_frame_get_buffer(resized, 0) < 0) {
        return false;
      }
    }
    painter =
        context(width, height, wanted.format, wanted.outWidth, outHeight, avutil.AV_PIX_FMT_RGB24);
    if (painter == null) {
      return false;
    }
    IntPointer matrix = swscale.sws_getCoefficients(wanted.colours.matrix());
    int full = wanted.colours.range() == avutil.AVCOL_RANGE_JPEG ? 1 : 0;
    int one = 1 << 16;
    swscale.sws_setColorspaceDetails(painter, matrix, full, matrix, 1, 0, one, one);
    arena = Arena.ofConfined();
    stride = (3L * wanted.outWidth + 2 * ROW_ALIGNMENT - 1) / ROW_ALIGNMENT * ROW_ALIGNMENT;
    rows = arena.allocate(stride * (outHeight + 1), ROW_ALIGNMENT);
    targetPlanes.put(0, new SegmentPointer(rows));
    targetStrides.put(0, (int) stride);
    return true;
  }

  private static SwsContext context(
      int width, int height, int format, int outWidth, int outHeight, int outFormat) {
    return swscale.sws_getContext(
        width,
        height,
        format,
        outWidth,
        outHeight,
        outFormat,
        swscale.SWS_BILINEAR,
        null,
        null,
        (DoublePointer) null);
  }

  /** Frees the conversion; the next {@link #convert} prepares one again. */
  private void forget() {
    if (resizer != null) {
      swscale.sws_freeContext(resizer);
      resizer = null;
    }
    if (resized != null) {
      avutil.av_frame_free(resized);
      resized = null;
    }
    if (painter != null) {
      swscale.sws_freeContext(painter);
      painter = null;
    }
    if (painted != null) {
      avutil.av_frame_free(painted);
      painted = null;
    }
    if (arena != null) {
      arena.close();
      arena = null;
    }
    plan = null;
  }

  @Override
  public void close() {
    forget();
    targetPlanes.close();
    targetStrides.close();
  }

  /** A JavaCPP pointer to memory that Java owns. */
  private static final class SegmentPointer extends BytePointer {
    SegmentPointer(MemorySegment segment) {
      super((org.bytedeco.javacpp.Pointer) null);
      address = segment.address();
    }
  }
}
