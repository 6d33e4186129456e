package dev.tenzing.video.decode;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The frames of one file that are still wanted, and where their pixels go. */
final class WantedFrames {
  private final OpenVideo source;
  private final Scaler scaler;
  private final int[] frames;
  private final int width;
  private final int height;
  private final MemorySegment target;
  private final boolean[] taken;
  private final char[] sums;
  private final FrameSum sum = new FrameSum();
  private int odd = -1;
  private int left;
  private int behind;

  /**
   * @param frames indices in ascending order; an index may repeat
   * @param sums what the scan found of every frame of the file; null for not to compare
   * @param target RGB24 bytes [frames, height, width, 3]
   */
  WantedFrames(
      OpenVideo source,
      Scaler scaler,
      int[] frames,
      char[] sums,
      int width,
      int height,
      MemorySegment target) {
    this.sums = sums;
    this.source = source;
    this.scaler = scaler;
    this.frames = frames;
    this.width = width;
    this.height = height;
    this.target = target;
    this.taken = new boolean[frames.length];
    this.left = frames.length;
  }

  boolean complete() {
    return left == 0;
  }

  /** A frame that came out differently from when the file was scanned, -1 for none. */
  int odd() {
    return odd;
  }

  boolean wants(int frame) {
    return Arrays.binarySearch(frames, frame) >= 0;
  }

  /**
   * The first wanted frame that does not lie before a packet, -1 for none. Ask with ascending
   * packets.
   */
  int firstFrom(int packet, int[] packetOfFrame) {
    while (behind < frames.length && packetOfFrame[frames[behind]] < packet) {
      behind++;
    }
    return behind < frames.length ? frames[behind] : -1;
  }

  /** Takes the decoder's present frame, if it is wanted. */
  void take(int frame) throws VideoException {
    int at = Arrays.binarySearch(frames, frame);
    if (at < 0) {
      return;
    }
    while (at > 0 && frames[at - 1] == frame) {
      at--;
    }
    if (taken[at]) {
      return;
    }
    if (sums != null && sum.of(source.codec().frame()) != sums[frame]) {
      odd = frame;
      return;
    }
    long bytes = 3L * width * height;
    source.scale(scaler, width, height, target.asSlice(at * bytes, bytes));
    for (int copy = at; copy < frames.length && frames[copy] == frame; copy++) {
      if (copy > at) {
        MemorySegment.copy(target, at * bytes, target, copy * bytes, bytes);
      }
      taken[copy] = true;
      left--;
    }
  }

  /** Takes all frames that the decoder has ready. */
  void takeReady(int[] frameOfPacket) throws VideoException {
    while (source.codec().receive()) {
      int packet = source.codec().packet();
      if (packet >= 0 && packet < frameOfPacket.length) {
        take(frameOfPacket[packet]);
      }
    }
  }
}
