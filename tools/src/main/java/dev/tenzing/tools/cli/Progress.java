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

  /** Weight of the newest interval in the clip rate, which is averaged over some ten intervals. */
  private static final double NEWEST = 0.2;

  private final String label;
  private final long total;
  private final Console console;
  private final boolean terminal;
  private final LongSupplier clock;
  private final long start;
  private long shownAt;
  private long first = -1;
  private long clipsAtShown;
  private double clipsPerSecond = Double.NaN;
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
    if (first < 0) {
      first = Math.max(0, done - 1);
    }
    pending = true;
    boolean due = now - shownAt >= (terminal ? TERMINAL_NANOS : LOG_NANOS);
    if (due || done == total) {
      measureRate(now, clips);
    }
    line = line(now, done, skipped, metric, share);
    if (due) {
      show();
    }
  }

  private void measureRate(long now, long clips) {
    if (now == shownAt) {
      return;
    }
    double rate = (clips - clipsAtShown) * 1e9 / (now - shownAt);
    clipsPerSecond =
        Double.isNaN(clipsPerSecond) ? rate : clipsPerSecond + NEWEST * (rate - clipsPerSecond);
    clipsAtShown = clips;
    shownAt = now;
  }

  private String line(long now, long done, long skipped, String metric, double share) {
    StringBuilder text = new StringBuilder(label).append(' ').append(done);
    if (total > 0) {
      text.append('/').append(total);
    }
    if (!Double.isNaN(clipsPerSecond)) {
      text.append(String.format(Locale.ROOT, "  %.1f clips/s", clipsPerSecond));
    }
    if (!metric.isEmpty()) {
      text.append("  ").append(metric);
    }
    if (skipped > 0) {
      text.append("  skipped ").append(skipped);
    }
    double part =
        Double.isNaN(share) ? (double) (done - first) / Math.max(1, total - first) : share;
    if (total > 0 && done < total && part > 0) {
      double left = (now - start) / part * (1 - part);
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
