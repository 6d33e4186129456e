package dev.tenzing.video.list;

/**
 * Where videos come from, and how they are drawn when several such sets are mixed.
 *
 * @param name for messages and reports
 * @param stride frames from one frame of a clip to the next, or 0 for the run's own
 * @param weight how often an epoch visits each of its videos: 1 once, 2 twice, 0.5 every other one
 */
public record Source(String name, int stride, double weight) {
  /** A list of its own: the run's stride, every video once. */
  public static final Source ALONE = new Source("", 0, 1);

  /** Rejects what makes no sense. */
  public Source {
    if (stride < 0) {
      throw new IllegalArgumentException("the stride must be at least 1, got " + stride);
    }
    if (!(weight > 0 && weight <= 1000)) {
      throw new IllegalArgumentException(
          "the weight must be above 0 and at most 1000, got " + weight);
    }
  }

  /** Visits that an epoch pays to {@code videos} of this source: at least one. */
  public int visits(int videos) {
    return Math.toIntExact(Math.max(1, Math.round(weight * videos)));
  }
}
