package dev.tenzing.video.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
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
