package dev.tenzing.video.stream;

import dev.tenzing.video.decode.FrameSource;
import dev.tenzing.video.decode.Limits;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoException.Reason;
import dev.tenzing.video.sample.SlidingWindows;
import dev.tenzing.video.transform.Crop;
import dev.tenzing.video.transform.Resizer;
import dev.tenzing.video.transform.ShortSide;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * The windows of a video in one pass. Frames that a window to come needs wait in a ring, scaled;
 * there are never more of them than one window reaches over.
 *
 * <p>A video shorter than a window has one: its last frame is repeated, as the loaders do.
 *
 * <p>Not for use by several threads at once.
 */
public final class WindowReader implements AutoCloseable {
  /** A ring of more frames than this is a mistake and no window. */
  private static final int MAX_RING = 4096;

  /**
   * Where a window lies.
   *
   * @param index of the window, from 0
   * @param frame its first frame, from 0
   * @param start seconds from the first frame of the video to the first of the window
   * @param end seconds from the first frame of the video to the last of the window
   */
  public record Place(long index, long frame, double start, double end) {}

  /** A frame in the ring. */
  private record Held(long frame, double seconds, MemorySegment pixels) {}

  private final FrameSource source;
  private final Consumer<FrameSource> listener;
  private final SlidingWindows windows;
  private final int size;
  private final long span;
  private final BitSet needed;
  private final int capacity;
  private final Arena arena = Arena.ofConfined();
  private final Deque<Held> ring = new ArrayDeque<>();
  private final Deque<MemorySegment> free = new ArrayDeque<>();
  private final MemorySegment last;
  private final ShortSide working;
  private final MemorySegment whole;
  private final Resizer resizer;
  private Held newest;
  private double first;
  private long frames;
  private long given;
  private boolean ended;

  /**
   * @param source is read from its next frame on; stays the caller's
   * @param size side of the square that a frame becomes, pixels
   * @throws IllegalArgumentException when a window needs more frames than are kept
   */
  public WindowReader(FrameSource source, SlidingWindows windows, Fit fit, int size) {
    this(source, windows, fit, size, any -> {});
  }

  /**
   * @param listener hears of every frame
   */
  WindowReader(
      FrameSource source,
      SlidingWindows windows,
      Fit fit,
      int size,
      Consumer<FrameSource> listener) {
    this.listener = listener;
    this.source = source;
    this.windows = windows;
    this.size = size;
    this.span = 1 + (windows.length() - 1L) * windows.stride();
    this.capacity = capacity(windows);
    this.needed = needed(windows);
    long bytes = frameBytes();
    MemorySegment memory = arena.allocate(bytes * (capacity + 1), 64);
    for (int i = 0; i < capacity; i++) {
      free.add(memory.asSlice(i * bytes, bytes));
    }
    this.last = memory.asSlice(capacity * bytes, bytes);
    boolean crop = fit == Fit.CROP;
    this.working = crop ? ShortSide.of(source.width(), source.height(), size) : null;
    this.whole = crop ? arena.allocate(3L * working.width() * working.height(), 64) : null;
    this.resizer = crop ? new Resizer(size) : null;
  }

  /** Frames, counted from a window's first, that it or a later window needs: modulo the hop. */
  private static BitSet needed(SlidingWindows windows) {
    BitSet needed = new BitSet();
    for (int i = 0; i < windows.length(); i++) {
      needed.set((int) ((long) i * windows.stride() % windows.hop()));
    }
    return needed;
  }

  /**
   * The most frames that are kept at a time.
   *
   * @throws IllegalArgumentException when those are more than a window may need
   */
  static int capacity(SlidingWindows windows) {
    long span = 1 + (windows.length() - 1L) * windows.stride();
    long count = span;
    if (span <= Limits.MAX_FRAMES) {
      BitSet needed = needed(windows);
      count = 0;
      for (long frame = 0; frame < span; frame++) {
        count += needed.get((int) (frame % windows.hop())) ? 1 : 0;
      }
    }
    if (count > MAX_RING) {
      throw new IllegalArgumentException(
          "windows of %s frames, %s apart, every %s frames need more than %s frames at a time; make them shorter"
              .formatted(windows.length(), windows.stride(), windows.hop(), MAX_RING));
    }
    return (int) count;
  }

  /** Bytes of a window: T x size x size x 3. */
  public long bytes() {
    return windows.length() * frameBytes();
  }

  private long frameBytes() {
    return 3L * size * size;
  }

  /** The most frames that are kept at a time. */
  public int capacity() {
    return capacity;
  }

  /** Frames read so far. */
  public long frames() {
    return frames;
  }

  /**
   * Reads on to the end of the next window.
   *
   * @param target RGB24 bytes [T, size, size, 3]
   * @return where the window lies, or null after the last one
   * @throws VideoException when the video cannot be read on, or is too short to be one
   */
  public Place next(MemorySegment target) throws VideoException {
    long begin = Math.multiplyExact(given, (long) windows.hop());
    while (!ended && frames < begin + span) {
      read();
    }
    if (ended && frames < Limits.MIN_FRAMES) {
      throw source.defect(
          Reason.TOO_FEW_FRAMES,
          frames == 0 ? "no frame can be decoded" : "a single frame is a picture, not a video");
    }
    if (frames < begin + span && given > 0) {
      return null;
    }
    double start = 0;
    double end = 0;
    long wanted = begin;
    long at = 0;
    for (Held held : ring) {
      // Ring and window both ascend, and the ring holds frames of later windows too.
      if (at < windows.length() && wanted == held.frame()) {
        start = at == 0 ? held.seconds() : start;
        end = held.seconds();
        MemorySegment.copy(held.pixels(), 0, target, at * frameBytes(), frameBytes());
        at++;
        wanted += windows.stride();
      }
    }
    for (; at < windows.length(); at++) {
      end = newest.seconds();
      MemorySegment.copy(newest.pixels(), 0, target, at * frameBytes(), frameBytes());
    }
    given++;
    long keep = begin + windows.hop();
    while (!ring.isEmpty() && ring.peekFirst().frame() < keep) {
      free.add(ring.removeFirst().pixels());
    }
    return new Place(given - 1, begin, start - first, end - first);
  }

  private void read() throws VideoException {
    if (!source.next()) {
      ended = true;
      return;
    }
    long frame = frames++;
    listener.accept(source);
    double seconds = source.seconds();
    first = frame == 0 ? seconds : first;
    boolean wanted = frame >= given * windows.hop() && needed.get((int) (frame % windows.hop()));
    if (wanted) {
      newest = new Held(frame, seconds, free.removeFirst());
      scale(newest.pixels());
      ring.addLast(newest);
    } else if (given == 0) {
      // It may be the last of a video that is too short.
      newest = new Held(frame, seconds, last);
      scale(last);
    }
  }

  private void scale(MemorySegment target) throws VideoException {
    if (resizer == null) {
      source.read(target, size, size);
      return;
    }
    source.read(whole, working.width(), working.height());
    Crop crop = Crop.alongLongSide(working.width(), working.height(), 0, 1);
    resizer.apply(whole, working.width(), crop, false, target);
  }

  @Override
  public void close() {
    arena.close();
  }
}
