package dev.tenzing.engine.cpu.vector;

/**
 * How the bandwidth-bound kernels cut their work into tasks: by shape, never by the number of
 * threads.
 */
public final class Cut {
  /**
   * Elements of one task. 128 KiB of F32 take a core some 5 us from its cache, about what it costs
   * to wake another worker, so smaller calls stay on the calling thread; and the arrays of a task
   * fit the second-level cache.
   */
  public static final int ELEMENTS = 1 << 15;

  private Cut() {}

  /** Tasks of {@code perTask} items that hold {@code items}. */
  public static int tasks(long items, long perTask) {
    return Math.toIntExact((items + perTask - 1) / perTask);
  }

  /** Rows of one task when a row costs as much as {@code rowElements} elements. */
  public static int rows(long rowElements) {
    return (int) Math.max(1, ELEMENTS / Math.max(1, rowElements));
  }
}
