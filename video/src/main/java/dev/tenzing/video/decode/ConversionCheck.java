package dev.tenzing.video.decode;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * Tries whether decoded frames can be turned into RGB at all: one of each size, format and kind of
 * colours, as these alone decide it.
 */
final class ConversionCheck implements AutoCloseable {
  private static final int SIDE = 64;

  private record Look(int width, int height, int format, Colours colours) {}

  private final Scaler scaler = new Scaler();
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment pixels = arena.allocate(3L * SIDE * SIDE);
  private Look last;

  /** An FFmpeg error, or 0. */
  int check(AVFrame frame) {
    Look look = new Look(frame.width(), frame.height(), frame.format(), Colours.of(frame));
    if (look.equals(last)) {
      return 0;
    }
    last = look;
    return scaler.convert(frame, Orientation.UPRIGHT, SIDE, SIDE, pixels);
  }

  @Override
  public void close() {
    scaler.close();
    arena.close();
  }
}
