package dev.tenzing.video.decode;

import java.util.Arrays;

/**
 * Time stamps that number the frames: frame {@code i} is shown at {@code first + i * step}, to the
 * nearest. Only files in which every packet holds exactly one frame and all stamps are so have a
 * clock; there, a frame is known before it is decoded, and one that is neither wanted nor needed by
 * others is not decoded at all. In H.264 as it is found on the web, that is every second frame.
 *
 * @param first stamp of frame 0, in the stream's unit
 * @param step between two frames, in the stream's unit
 */
public record FrameClock(long first, double step) {

  /**
   * The clock of a file that was read to its end.
   *
   * @param packets stamps of all packets, in any order; sorted on return
   * @param frames stamps of all frames, in the order in which they came out
   * @return null when the stamps do not number the frames
   */
  static FrameClock of(long[] packets, long[] frames) {
    Arrays.sort(packets);
    if (frames.length < 2 || !Arrays.equals(packets, frames)) {
      return null;
    }
    double step = (double) (frames[frames.length - 1] - frames[0]) / (frames.length - 1);
    FrameClock clock = new FrameClock(frames[0], step);
    for (int i = 0; i < frames.length; i++) {
      if (clock.index(frames[i]) != i) {
        return null;
      }
    }
    return clock;
  }

  /** Which frame has a stamp. */
  int index(long stamp) {
    return (int) Math.rint((stamp - first) / step);
  }
}
