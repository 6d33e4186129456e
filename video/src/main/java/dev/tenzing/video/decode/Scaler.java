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
 * Turns decoded frames of any pixel format into RGB24 of a wanted size, in one pass of swscale
 * (bilinear, with a wider filter when it shrinks), then into their displayed orientation.
 *
 * <p>swscale writes whole vectors past the end of a row, so it works on padded rows of its own; the
 * copy from there costs a hundredth of the decoding.
 */
final class Scaler implements AutoCloseable {
  private static final int ROW_ALIGNMENT = 64;

  /** What a conversion was prepared for; a stream may change any of it between two frames. */
  private record Plan(
      int width, int height, int format, int space, int range, int outWidth, int outHeight) {}

  private final PointerPointer<BytePointer> targetPlanes = new PointerPointer<>(4);
  private final IntPointer targetStrides = new IntPointer(4L);
  private Plan plan;
  private SwsContext context;
  private Arena arena;
  private MemorySegment rows;
  private long stride;

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
            frame.colorspace(),
            frame.color_range(),
            storedWidth,
            storedHeight);
    if (!wanted.equals(plan)) {
      close();
      prepare(wanted);
    }
    if (context == null) {
      return avutil.AVERROR_PATCHWELCOME();
    }
    int lines =
        swscale.sws_scale(
            context,
            frame.data(),
            frame.linesize(),
            0,
            frame.height(),
            targetPlanes,
            targetStrides);
    if (lines < 0) {
      return lines;
    }
    orientation.copy(rows, stride, storedWidth, storedHeight, target);
    return 0;
  }

  private void prepare(Plan wanted) {
    context =
        swscale.sws_getContext(
            wanted.width,
            wanted.height,
            wanted.format,
            wanted.outWidth,
            wanted.outHeight,
            avutil.AV_PIX_FMT_RGB24,
            swscale.SWS_BILINEAR,
            null,
            null,
            (DoublePointer) null);
    if (context == null) {
      return;
    }
    // Coefficients of the file's own matrix (BT.709 for most HD video); unknown means BT.601, as
    // in every FFmpeg tool.
    IntPointer matrix = swscale.sws_getCoefficients(wanted.space);
    int full = wanted.range == avutil.AVCOL_RANGE_JPEG ? 1 : 0;
    int one = 1 << 16;
    swscale.sws_setColorspaceDetails(context, matrix, full, matrix, 1, 0, one, one);
    arena = Arena.ofConfined();
    stride = (3L * wanted.outWidth + 2 * ROW_ALIGNMENT - 1) / ROW_ALIGNMENT * ROW_ALIGNMENT;
    rows = arena.allocate(stride * (wanted.outHeight + 1), ROW_ALIGNMENT);
    targetPlanes.put(0, new SegmentPointer(rows));
    targetStrides.put(0, (int) stride);
    plan = wanted;
  }

  /** Frees the conversion; the next {@link #convert} prepares one again. */
  @Override
  public void close() {
    if (context != null) {
      swscale.sws_freeContext(context);
      context = null;
      arena.close();
    }
    plan = null;
  }

  /** Frees everything. */
  void dispose() {
    close();
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
