package dev.tenzing.video.decode;

import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Makes FFmpeg give a file up: FFmpeg asks before every read whether it shall stop, and it shall
 * when no frame came out for {@link Limits#STALL_SECONDS} or when the thread is interrupted.
 *
 * <p>Between two looks at most {@link #LONGEST_LOOK} counts, so that a process that was stopped, or
 * a machine that slept, does not make a sound video look like one that hangs.
 */
final class Watchdog implements AutoCloseable {
  /** Nanoseconds from one look to the next that can be waiting for a decoder. */
  static final long LONGEST_LOOK = 5_000_000_000L;

  // One native callback for all decoders: JavaCPP has only a few slots for them. Which decoder
  // asks is told by the address of its clock.
  private static final AVIOInterruptCB.Callback_Pointer CALLBACK = new Callback();

  /** Nanoseconds left, and when that was. */
  private final LongPointer clock = new LongPointer(2);

  private final long patience;

  /**
   * @param patience nanoseconds from one frame to the next
   */
  Watchdog(long patience) {
    this.patience = patience;
    progress();
  }

  void watch(AVFormatContext container) {
    container.interrupt_callback().callback(CALLBACK).opaque(clock);
  }

  /** A frame came out: the clock starts again. */
  void progress() {
    clock.put(0, patience);
    clock.put(1, System.nanoTime());
  }

  /** How long is waited for a frame, in words. */
  String patience() {
    long seconds = Math.max(0, patience) / 1_000_000_000L;
    return seconds == 1 ? "1 second" : seconds + " seconds";
  }

  boolean expired() {
    return expired(clock, System.nanoTime());
  }

  private static boolean expired(LongPointer clock, long now) {
    long left = left(clock.get(0), now - clock.get(1));
    clock.put(0, left);
    clock.put(1, now);
    return left < 0;
  }

  /** What is left of {@code left} when the next look comes {@code elapsed} later. */
  static long left(long left, long elapsed) {
    return left - Math.min(elapsed, LONGEST_LOOK);
  }

  @Override
  public void close() {
    clock.close();
  }

  private static final class Callback extends AVIOInterruptCB.Callback_Pointer {
    @Override
    public int call(Pointer clock) {
      boolean late = expired(new LongPointer(clock), System.nanoTime());
      return late || Thread.currentThread().isInterrupted() ? 1 : 0;
    }
  }
}
