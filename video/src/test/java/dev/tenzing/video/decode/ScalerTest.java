package dev.tenzing.video.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.ShortPointer;
import org.junit.jupiter.api.Test;

class ScalerTest {
  private static final int WIDTH = 32;
  private static final int HEIGHT = 16;
  private static final int SLOPE = 24;

  /**
   * Of the two pixels that share a colour sample it lies on the left one or between them: half a
   * pixel's slope apart.
   */
  @Test
  void coloursOfTenBitsLieWhereTheFileSays() {
    double apart = meanRed(avutil.AVCHROMA_LOC_LEFT) - meanRed(avutil.AVCHROMA_LOC_CENTER);
    double slope = 1.402 * SLOPE / 2 * 255 / 896;
    assertEquals(slope / 2, apart, 0.8);
  }

  /**
   * Two fields, HDR and tags that swscale has no coefficients for are no reason to fail, nor to
   * convert differently: FFmpeg's tools scale two fields as one picture and do not tone-map.
   */
  @Test
  void everyFormatIsConvertedWhateverItsTagsSay() {
    FFmpeg.load();
    int formats = 0;
    for (int format = 0; format < 400; format++) {
      AVPixFmtDescriptor pixels = avutil.av_pix_fmt_desc_get(format);
      if (pixels == null || (pixels.flags() & avutil.AV_PIX_FMT_FLAG_HWACCEL) != 0) {
        continue;
      }
      AVFrame frame = avutil.av_frame_alloc();
      frame.width(WIDTH).height(HEIGHT).format(format);
      assertEquals(0, avutil.av_frame_get_buffer(frame, 0));
      noise(frame);
      byte[] plain = convert(frame);
      assertEquals(plain == null, !convertible(format), FFmpeg.pixelFormat(format));
      for (int tag : plain == null ? new int[0] : new int[] {3, 8, 10, 11, 14, 17, 99}) {
        frame.flags(AVFrame.AV_FRAME_FLAG_INTERLACED);
        frame.colorspace(tag).color_trc(tag).color_primaries(tag).chroma_location(0);
        frame.color_range(tag == 99 ? tag : 0);
        byte[] tagged = convert(frame);
        frame.flags(0).color_trc(2).color_primaries(2).color_range(0);
        frame.colorspace(tag == 10 ? 9 : 2);
        String what = FFmpeg.pixelFormat(format) + ", tags of number " + tag;
        assertArrayEquals(convert(frame), tagged, what);
      }
      formats += plain == null ? 0 : 1;
      avutil.av_frame_free(frame);
    }
    assertTrue(formats > 150, formats + " formats");
  }

  /** As swscale says, but for grey with transparency in floating point, which crashes it. */
  private static boolean convertible(int format) {
    return swscale.sws_isSupportedInput(format) != 0
        && !FFmpeg.pixelFormat(format).startsWith("yaf");
  }

  /** Sevens and small numbers, so that floating point stays finite. */
  private static void noise(AVFrame frame) {
    for (int plane = 0; plane < 4 && frame.data(plane) != null; plane++) {
      BytePointer bytes = frame.data(plane);
      for (int i = 0; i < frame.linesize(plane) * HEIGHT / 2; i++) {
        bytes.put(i, (byte) (i * 7 & 0x3B));
      }
    }
  }

  /** Null for what cannot be converted. */
  private static byte[] convert(AVFrame frame) {
    try (Scaler scaler = new Scaler();
        Arena arena = Arena.ofConfined()) {
      MemorySegment rgb = arena.allocate(3L * 16 * 16);
      int error = scaler.convert(frame, Orientation.UPRIGHT, 16, 16, rgb);
      return error < 0 ? null : rgb.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** Of a picture that becomes redder from left to right. */
  private static double meanRed(int location) {
    FFmpeg.load();
    AVFrame frame = avutil.av_frame_alloc();
    frame.width(WIDTH).height(HEIGHT).format(avutil.AV_PIX_FMT_YUV420P10LE);
    frame.chroma_location(location);
    avutil.av_frame_get_buffer(frame, 0);
    fill(frame, 0, WIDTH, HEIGHT, 400, 0);
    fill(frame, 1, WIDTH / 2, HEIGHT / 2, 512, 0);
    fill(frame, 2, WIDTH / 2, HEIGHT / 2, 512, SLOPE);
    try (Scaler scaler = new Scaler();
        Arena arena = Arena.ofConfined()) {
      MemorySegment rgb = arena.allocate(3L * WIDTH * HEIGHT);
      assertEquals(0, scaler.convert(frame, Orientation.UPRIGHT, WIDTH, HEIGHT, rgb));
      double sum = 0;
      for (int x = 2; x < WIDTH - 2; x++) {
        sum += rgb.get(ValueLayout.JAVA_BYTE, 3L * (HEIGHT / 2 * WIDTH + x)) & 0xff;
      }
      return sum / (WIDTH - 4);
    } finally {
      avutil.av_frame_free(frame);
    }
  }

  private static void fill(AVFrame frame, int plane, int width, int height, int first, int slope) {
    ShortPointer samples = new ShortPointer(frame.data(plane));
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        samples.put((long) y * frame.linesize(plane) / 2 + x, (short) (first + slope * x));
      }
    }
  }
}
