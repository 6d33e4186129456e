package dev.tenzing.everest.recipe;

/**
 * How long a run is and how its batches are made.
 *
 * @param steps optimiser steps in all
 * @param stepsPerEpoch optimiser steps that go once through the data
 * @param batch videos a forward pass; one clip of each, unless more are drawn from a video
 * @param accumulate forward passes of a process a step
 * @param ranks processes that make a step together
 */
public record Budget(long steps, int stepsPerEpoch, int batch, int accumulate, int ranks) {
  /** Rejects an empty run. */
  public Budget {
    if (steps < 1 || stepsPerEpoch < 1 || batch < 1 || accumulate < 1 || ranks < 1) {
      throw new IllegalArgumentException(
          "steps, batch and accumulate must be at least 1, got %s, %s and %s"
              .formatted(steps, batch, accumulate));
    }
  }

  /** The budget of one process alone. */
  public Budget(long steps, int stepsPerEpoch, int batch, int accumulate) {
    this(steps, stepsPerEpoch, batch, accumulate, 1);
  }

  /** Videos a step. */
  public int totalBatch() {
    return batch * passes();
  }

  /** Forward passes a step, of all processes. */
  public int passes() {
    return accumulate * ranks;
  }

  /**
   * A run of whole epochs over {@code videos}, dropping the last incomplete step of an epoch as the
   * official loader does; a data set smaller than a step still makes one step an epoch.
   */
  public static Budget epochs(int epochs, int videos, int batch, int accumulate) {
    if (epochs < 1 || batch < 1 || accumulate < 1) {
      throw new IllegalArgumentException(
          "epochs, batch and accumulate must be at least 1, got %s, %s and %s"
              .formatted(epochs, batch, accumulate));
    }
    int perEpoch = perEpoch(videos, batch, accumulate);
    return new Budget((long) epochs * perEpoch, perEpoch, batch, accumulate);
  }

  /** A run of so many steps over {@code videos}. */
  public static Budget steps(long steps, int videos, int batch, int accumulate) {
    return new Budget(
        steps, perEpoch(videos, Math.max(batch, 1), Math.max(accumulate, 1)), batch, accumulate);
  }

  private static int perEpoch(int videos, int batch, int accumulate) {
    return Math.max(1, videos / (batch * accumulate));
  }
}
