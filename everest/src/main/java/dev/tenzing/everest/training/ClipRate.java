package dev.tenzing.everest.training;

import java.util.function.LongSupplier;

/**
 * Clips a second of a process, the one figure that progress, summary and report show: from the end
 * of its third step on, because the first steps wait for the first clips and for code to be
 * compiled. A process of three steps or fewer is measured whole.
 */
public final class ClipRate {
  /** Steps that do not count. */
  public static final int WARM_UP = 3;

  private final LongSupplier nanoClock;
  private long since;
  private long warm;
  private long now;
  private long steps;
  private long clips;

  /** A rate from now on. */
  public ClipRate() {
    this(System::nanoTime);
  }

  ClipRate(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    since = nanoClock.getAsLong();
  }

  /** Counts a step that is done. */
  void add(long clips) {
    if (steps++ == WARM_UP) {
      this.clips = 0;
      since = warm;
    }
    this.clips += clips;
    now = nanoClock.getAsLong();
    if (steps == WARM_UP) {
      warm = now;
    }
  }

  /** Clips a second up to the last step; 0 before the first. */
  public double clipsPerSecond() {
    return steps == 0 ? 0 : clips * 1e9 / Math.max(1, now - since);
  }
}
