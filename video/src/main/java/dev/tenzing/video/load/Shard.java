package dev.tenzing.video.load;

/**
 * Which batches one of several processes takes that train together. The order of the videos is one
 * for all: of every {@code of} batches in a row, the process of rank {@code r} takes the one with
 * number {@code r}. So all of them together have the batches that a single process would have had,
 * with the same clips, and the cursor of each is where all go on.
 *
 * <p>A video that cannot be used makes room for the next one, so all processes must leave out the
 * same ones. They find this out without asking each other: each looks at all videos, not only its
 * own (a scan that {@code prepare} saves them, and that is made once a file otherwise), but reads
 * the clips of its own alone. What a scan does not foretell, such as a file that is damaged during
 * the run, is an error where several processes train.
 *
 * @param rank of this process, from 0
 * @param of how many processes there are
 */
public record Shard(int rank, int of) {
  /** Everything: a process of its own. */
  public static final Shard ALL = new Shard(0, 1);

  public Shard {
    if (of < 1 || rank < 0 || rank >= of) {
      throw new IllegalArgumentException(
          "of N processes one has a rank from 0 to N - 1, not %s of %s".formatted(rank, of));
    }
  }

  /** Whether others take batches, too. */
  boolean shared() {
    return of > 1;
  }

  /**
   * Whether a good video is in a batch of this process.
   *
   * @param ordinal good videos before it, since all began at the same cursor
   * @param batch videos of a batch
   */
  boolean takes(long ordinal, int batch) {
    return ordinal / batch % of == rank;
  }
}
