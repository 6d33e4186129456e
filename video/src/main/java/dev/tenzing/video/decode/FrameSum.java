package dev.tenzing.video.decode;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * A checksum of a decoded frame and of all that its conversion heeds. Two decodes that agree in it
 * give the same pixels: a scan keeps it of every frame, and readers that took a short cut compare.
 * Damage that no decoder notices, and streams that do not keep the rules by which short cuts are
 * chosen, so cost time and never pixels.
 */
final class FrameSum {
  private static final int PLANES = 4;
  private static final int PALETTE_BYTES = 1024;

  private final CRC32C sum = new CRC32C();
  private final int[] rowBytes = new int[PLANES];
  private final int[] rows = new int[PLANES];
  private int width = -1;
  private int height = -1;
  private int format = -1;

  /** The sum of a frame, 16 bits. */
  char of(AVFrame frame) {
    if (frame.width() != width || frame.height() != height || frame.format() != format) {
      layOut(frame);
    }
    sum.reset();
    for (int plane = 0; plane < PLANES; plane++) {
      if (rowBytes[plane] > 0 && frame.data(plane) != null) {
        add(frame.data(plane).address(), frame.linesize(plane), plane);
      }
    }
    Colours colours = Colours.of(frame);
    int what = colours.matrix() << 16 | colours.range() << 8 | colours.location();
    for (int value : new int[] {width, height, format, what}) {
      for (int shift = 0; shift < 32; shift += 8) {
        sum.update(value >> shift);
      }
    }
    int all = (int) sum.getValue();
    return (char) (all ^ all >>> 16);
  }

  private void add(long address, long stride, int plane) {
    if (stride == rowBytes[plane]) {
      add(address, stride * rows[plane]);
      return;
    }
    for (int row = 0; row < rows[plane]; row++) {
      add(address + row * stride, rowBytes[plane]); // rows may go upwards in memory
    }
  }

  private void add(long address, long bytes) {
    sum.update(MemorySegment.ofAddress(address).reinterpret(bytes).asByteBuffer());
  }

  private void layOut(AVFrame frame) {
    width = frame.width();
    height = frame.height();
    format = frame.format();
    AVPixFmtDescriptor pixels = avutil.av_pix_fmt_desc_get(format);
    for (int plane = 0; plane < PLANES; plane++) {
      boolean colour = plane == 1 || plane == 2;
      int shift = colour ? pixels.log2_chroma_h() : 0;
      rows[plane] = -(-height >> shift);
      rowBytes[plane] = Math.max(0, avutil.av_image_get_linesize(format, width, plane));
    }
    if ((pixels.flags() & avutil.AV_PIX_FMT_FLAG_PAL) != 0) {
      rows[1] = 1;
      rowBytes[1] = PALETTE_BYTES;
    }
  }
}
