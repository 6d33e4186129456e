package dev.tenzing.everest.recipe;

/**
 * How long a run is and how its batches are made.
 *
 * @param steps optimiser steps in all
 * @param stepsPerEpoch optimiser steps that go once through the data
 * @param batch videos a forward pass of one process; one clip of each, unless more are drawn from a
 *     video
 * @param accumulate forward passes a step of one process
 * @param ranks processes that train together
 */
public record Budget(long steps, int stepsPerEpoch, int batch, int accumulate, int ranks) {
  /** Rejects an empty run. */
  public Budget {
    if (steps < 1 || stepsPerEpoch < 1 || batch < 1 || accumulate < 1 || ranks < 1) {
      throw new IllegalArgumentException(
          "steps, batch, accumulate and ranks must be at least 1, got %s, %s, %s and %s"
              .formatted(steps, batch, accumulate, ranks));
    }
  }

  /** The budget of one process alone. */
  public Budget(long steps, int stepsPerEpoch, int batch, int accumulate) {
    this(steps, stepsPerEpoch, batch, accumulate, 1);
  }

  /** Videos a step, of all processes together. */
  public int totalBatch() {
    return batch * passes();
  }

  /** Forward passes a step, of all processes together. */
  public int passes() {
    return accumulate * ranks;
  }

  /**
   * A run of whole epochs over {@code videos}, dropping the last incomplete step of an epoch as the
   * official loader does; a data set smaller than a step still makes one step an epoch.
   */
  public static Budget epochs(int epochs, int videos, int batch, int accumulate, int ranks) {
    if (epochs < 1 || batch < 1 || accumulate < 1 || ranks < 1) {
      throw new IllegalArgumentException(
          "epochs, batch, accumulate and ranks must be at least 1, got %s, %s, %s and %s"
              .formatted(epochs, batch, accumulate, ranks));
    }
    int perEpoch = perEpoch(videos, batch, accumulate, ranks);
    return new Budget((long) epochs * perEpoch, perEpoch, batch, accumulate, ranks);
  }

  /** A run of one process in whole epochs over {@code videos}. */
  public static Budget epochs(int epochs, int videos, int batch, int accumulate) {
    return epochs(epochs, videos, batch, accumulate, 1);
  }

  /** A run of so many steps over {@code videos}. */
  public static Budget steps(long steps, int videos, int batch, int accumulate, int ranks) {
    int perEpoch =
        perEpoch(videos, Math.max(batch, 1), Math.max(accumulate, 1), Math.max(ranks, 1));
    return new Budget(steps, perEpoch, batch, accumulate, ranks);
  }

  /** A run of one process of so many steps over {@code videos}. */
  public static Budget steps(long steps, int videos, int batch, int accumulate) {
    return steps(steps, videos, batch, accumulate, 1);
  }

  private static int perEpoch(int videos, int batch, int accumulate, int ranks) {
    return Math.max(1, videos / (batch * accumulate * ranks));
  }
}
