package dev.tenzing.tools.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * One line that says how far the work is: steps, clips a second, a metric, skipped inputs and the
 * time left. A terminal sees it rewritten several times a second, a file or pipe gets a line every
 * few seconds and a last one at the end.
 */
public final class Progress implements AutoCloseable {
  private static final long TERMINAL_NANOS = 100_000_000L;
  private static final long LOG_NANOS = 5_000_000_000L;

  /** The first updates wait for the first inputs and for code to be compiled: nothing follows. */
  private static final int WARM_UP = 3;

  private final String label;
  private final long total;
  private final Console console;
  private final boolean terminal;
  private final LongSupplier clock;
  private final long start;
  private long shownAt;
  private int updates;
  private long warmAt;
  private long warmDone;
  private long warmClips;
  private double warmShare;
  private double told = Double.NaN;
  private String line = "";
  private boolean shown;
  private boolean pending;

  Progress(String label, long total, Console console, boolean terminal, LongSupplier clock) {
    this.label = label;
    this.total = total;
    this.console = console;
    this.terminal = terminal;
    this.clock = clock;
    this.start = clock.getAsLong();
    this.shownAt = start;
  }

  /**
   * Tells how far it is; cheap, so call it every step.
   *
   * @param done steps done; a resumed run starts above 0
   * @param clips clips processed since this progress was made
   * @param skipped inputs skipped so far
   * @param metric what to watch, such as {@code "loss 0.7312"}; may be empty
   */
  public void update(long done, long clips, long skipped, String metric) {
    update(done, clips, skipped, metric, Double.NaN);
  }

  /**
   * The same for steps that take very different times.
   *
   * @param share of all the work that is done, 0 to 1: the time left follows from it; not a number
   *     when the steps shall tell
   */
  public void update(long done, long clips, long skipped, String metric, double share) {
    long now = clock.getAsLong();
    updates++;
    pending = true;
    boolean due = now - shownAt >= (terminal ? TERMINAL_NANOS : LOG_NANOS);
    line = line(now, done, clips, skipped, metric, share);
    if (updates == WARM_UP) {
      warmAt = now;
      warmDone = done;
      warmClips = clips;
      warmShare = share;
    }
    if (due) {
      shownAt = now;
      show();
    }
  }

  /** Says how many clips a second there are, where that is measured already. */
  public Progress rate(double clipsPerSecond) {
    told = clipsPerSecond;
    return this;
  }

  /** Not a number while it warms up; work that ends meanwhile is measured whole. */
  private double clipsPerSecond(long now, long clips, boolean ends) {
    if (updates <= WARM_UP) {
      return !ends ? Double.NaN : Double.isNaN(told) ? perSecond(clips, now - start) : told;
    }
    return Double.isNaN(told) ? perSecond(clips - warmClips, now - warmAt) : told;
  }

  private static double perSecond(long clips, long nanos) {
    return nanos > 0 ? clips * 1e9 / nanos : Double.NaN;
  }

  private String line(long now, long done, long clips, long skipped, String metric, double share) {
    StringBuilder text = new StringBuilder(label).append(' ').append(done);
    if (total > 0) {
      text.append('/').append(total);
    }
    double clipsPerSecond = clipsPerSecond(now, clips, done == total);
    if (!Double.isNaN(clipsPerSecond)) {
      text.append(String.format(Locale.ROOT, "  %.1f clips/s", clipsPerSecond));
    }
    if (!metric.isEmpty()) {
      text.append("  ").append(metric);
    }
    if (skipped > 0) {
      text.append("  skipped ").append(skipped);
    }
    boolean byShare = !Double.isNaN(share);
    double part = byShare ? share - warmShare : done - warmDone;
    double rest = byShare ? 1 - share : total - done;
    if (total > 0 && done < total && updates > WARM_UP && part > 0) {
      double left = (now - warmAt) / part * rest;
      text.append("  ").append(duration(Duration.ofNanos((long) left))).append(" left");
    } else if (done == total) {
      text.append("  in ").append(duration(Duration.ofNanos(now - start)));
    }
    return text.toString();
  }

  private void show() {
    pending = false;
    if (terminal) {
      shown = true;
      console.rewriteLine(line);
    } else {
      console.note(line);
    }
  }

  boolean isShown() {
    return shown;
  }

  void hidden() {
    shown = false;
  }

  /** Leaves the last state as a line of its own. */
  @Override
  public void close() {
    if (!line.isEmpty() && (terminal || pending)) {
      console.note(line);
      pending = false;
    }
  }

  /** A duration for people: {@code 42 s}, {@code 3 min 20 s}, {@code 2 h 05 min}. */
  public static String duration(Duration time) {
    long seconds = time.toSeconds();
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return seconds / 60 + " min " + seconds % 60 + " s";
    }
    return String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds / 60 % 60);
  }
}
