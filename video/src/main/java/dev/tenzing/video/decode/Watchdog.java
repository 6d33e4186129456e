package dev.tenzing.video.decode;

import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Makes FFmpeg give a file up: FFmpeg asks before every read whether it shall stop, and it shall
 * when no frame came out for {@link Limits#STALL_SECONDS} or when the thread is interrupted.
 */
final class Watchdog implements AutoCloseable {
  // One native callback for all decoders: JavaCPP has only a few slots for them. Which decoder
  // asks is told by the deadline's address.
  private static final AVIOInterruptCB.Callback_Pointer CALLBACK = new Callback();

  private final LongPointer deadline = new LongPointer(1);

  private final long patience;

  /**
   * @param patience nanoseconds from one frame to the next
   */
  Watchdog(long patience) {
    this.patience = patience;
    progress();
  }

  void watch(AVFormatContext container) {
    container.interrupt_callback().callback(CALLBACK).opaque(deadline);
  }

  /** A frame came out: the clock starts anew. */
  void progress() {
    deadline.put(System.nanoTime() + patience);
  }

  boolean expired() {
    return System.nanoTime() - deadline.get() > 0;
  }

  @Override
  public void close() {
    deadline.close();
  }

  private static final class Callback extends AVIOInterruptCB.Callback_Pointer {
    @Override
    public int call(Pointer deadline) {
      boolean late = System.nanoTime() - new LongPointer(deadline).get() > 0;
      return late || Thread.currentThread().isInterrupted() ? 1 : 0;
    }
  }
}
