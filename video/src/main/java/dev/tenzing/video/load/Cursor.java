package dev.tenzing.video.load;

/**
 * A place in the endless order of samples: what a checkpoint stores to go on with the next batch.
 *
 * @param epoch passes through the list before this one
 * @param position samples of this pass that are behind, whether they were used or skipped
 */
public record Cursor(int epoch, int position) {
  /** Where a new run begins. */
  public static final Cursor START = new Cursor(0, 0);

  public Cursor {
    if (epoch < 0 || position < 0) {
      throw new IllegalArgumentException(
          "a cursor has no negative parts: epoch " + epoch + ", position " + position);
    }
  }

  /** Both numbers in one, for a checkpoint. */
  public long toLong() {
    return (long) epoch << 32 | position;
  }

  /** The inverse of {@link #toLong}. */
  public static Cursor of(long packed) {
    return new Cursor((int) (packed >>> 32), (int) packed);
  }

  /** Number of the sample in the endless order over a list of {@code length}. */
  long ticket(int length) {
    return (long) epoch * length + position;
  }

  static Cursor ofTicket(long ticket, int length) {
    return new Cursor((int) (ticket / length), (int) (ticket % length));
  }
}
