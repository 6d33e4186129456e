package dev.tenzing.video.stream;

import dev.tenzing.video.decode.FrameSource;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoException.Reason;
import dev.tenzing.video.sample.SlidingWindows;
import dev.tenzing.video.stream.WindowReader.Place;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Reads windows on a thread of its own, ahead of who uses them: a group is filled while another one
 * is in use. Windows of a live source that nobody took in time are dropped, oldest first, so that
 * what is taken is never old; other sources wait.
 */
public final class WindowFeed implements AutoCloseable {
  private static final long LOOK_MILLIS = 1000;

  /** Opens the source, on the thread that reads it. */
  @FunctionalInterface
  public interface Opener {
    /** Opens it. */
    FrameSource open() throws VideoException;
  }

  /**
   * How windows are read.
   *
   * @param windows which frames
   * @param fit how a frame becomes a square
   * @param size side of the square, pixels
   * @param group windows that are handed out together
   * @param live whether windows that are not taken in time are dropped
   * @param patience seconds that are waited for a frame
   */
  public record Plan(
      SlidingWindows windows, Fit fit, int size, int group, boolean live, int patience) {
    /** Rejects windows that need too many frames at a time. */
    public Plan {
      WindowReader.capacity(windows);
    }

    /** Bytes of a group. */
    long bytes() {
      return 3L * group * windows.length() * size * size;
    }
  }

  /**
   * Windows that follow each other.
   *
   * @param pixels RGB24 bytes [windows, T, size, size, 3], valid until the next group is taken
   * @param places where they lie, at least one
   */
  public record Group(MemorySegment pixels, List<Place> places) {}

  private final String name;
  private final Opener opener;
  private final Plan plan;
  private final Arena arena = Arena.ofShared();
  private final Deque<MemorySegment> free = new ArrayDeque<>();
  private final Deque<Group> ready = new ArrayDeque<>();
  private final Thread thread;
  private Group taken;
  private Throwable failure;
  private boolean ended;
  private boolean stopped;
  private volatile long frames;
  private volatile long promised;
  private volatile long damaged;
  private volatile double fps;
  private double first;
  private long dropped;

  /**
   * Starts to read.
   *
   * @param name of the source, for messages
   */
  public WindowFeed(String name, Opener opener, Plan plan) {
    this.name = name;
    this.opener = opener;
    this.plan = plan;
    // One in use, one being filled; a live source fills over what was not taken.
    int groups = plan.live() ? 3 : 2;
    for (int i = 0; i < groups; i++) {
      free.add(arena.allocate(plan.bytes(), 64));
    }
    this.thread = Thread.ofPlatform().daemon().name("windows").start(this::read);
  }

  private void read() {
    try (FrameSource source = opener.open()) {
      promised = source.promisedFrames();
      fps = source.fps();
      try (WindowReader reader =
          new WindowReader(source, plan.windows(), plan.fit(), plan.size(), this::count)) {
        fill(reader);
      }
      end(null);
    } catch (Throwable e) {
      end(e);
    }
  }

  private void count(FrameSource source) {
    double seconds = source.seconds();
    first = frames == 0 ? seconds : first;
    if (source.fps() == 0 && seconds > first) {
      fps = frames / (seconds - first);
    }
    frames++;
    damaged = source.damaged();
  }

  private void fill(WindowReader reader) throws VideoException, InterruptedException {
    boolean more = true;
    while (more) {
      MemorySegment pixels = room();
      List<Place> places = new ArrayList<>();
      try {
        while (more && places.size() < plan.group()) {
          long at = places.size() * reader.bytes();
          Place place = reader.next(pixels.asSlice(at, reader.bytes()));
          more = place != null;
          if (more) {
            places.add(place);
          }
        }
      } finally {
        publish(new Group(pixels, places)); // what came before a failure is good
      }
    }
  }

  private synchronized MemorySegment room() throws InterruptedException {
    while (free.isEmpty() && !stopped) {
      if (plan.live() && !ready.isEmpty()) {
        Group old = ready.removeFirst();
        dropped += old.places().size();
        return old.pixels();
      }
      wait();
    }
    if (stopped) {
      throw new CancellationException("nobody reads on");
    }
    return free.removeFirst();
  }

  private synchronized void publish(Group group) {
    if (!group.places().isEmpty()) {
      ready.add(group);
      notifyAll();
    }
  }

  private synchronized void end(Throwable why) {
    failure = why;
    ended = true;
    notifyAll();
  }

  /**
   * The next windows, as many as a group has; the last group may have fewer.
   *
   * @return null after the last one
   * @throws VideoException when the source fails, once what came before has been taken; also when
   *     nothing comes of it for so long that it is given up
   */
  public synchronized Group take() throws VideoException, InterruptedException {
    if (taken != null) {
      free.add(taken.pixels());
      taken = null;
      notifyAll();
    }
    long seen = -1;
    long waited = 0;
    while (ready.isEmpty() && !ended) {
      // A source that hangs where FFmpeg does not look at the clock, such as a silent pipe; FFmpeg
      // itself gives up earlier where it can. Time counts second by second, so that a process that
      // was stopped does not give up at once.
      waited = frames == seen ? waited + LOOK_MILLIS : 0;
      seen = frames;
      if (waited > 1000L * (plan.patience() + 2)) {
        throw new VideoException(
            null, name, Reason.TIMEOUT, "nothing came for " + plan.patience() + " seconds");
      }
      wait(LOOK_MILLIS);
    }
    if (!ready.isEmpty()) {
      taken = ready.removeFirst();
      return taken;
    }
    switch (failure) {
      case null -> {}
      case VideoException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
    return null;
  }

  /** Frames read so far. */
  public long frames() {
    return frames;
  }

  /** How many frames there will be, as the source says; 0 when it does not. */
  public long promisedFrames() {
    return promised;
  }

  /**
   * Average frames a second as the source says, or of those read so far; 0 before there are any.
   */
  public double fps() {
    return fps;
  }

  /** Frames and packets that were left out of a stream because they are damaged. */
  public long damaged() {
    return damaged;
  }

  /** Windows of a live source that were not taken in time. */
  public synchronized long dropped() {
    return dropped;
  }

  /** Stops reading. */
  @Override
  public void close() {
    synchronized (this) {
      stopped = true;
      notifyAll();
    }
    thread.interrupt();
    try {
      thread.join(2 * LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // A thread that hangs in a read that nothing can interrupt may still write.
    if (!thread.isAlive()) {
      arena.close();
    }
  }
}
