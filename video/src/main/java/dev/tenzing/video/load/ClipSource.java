package dev.tenzing.video.load;

import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoListException;

/**
 * Where clips come from: a {@link ClipLoader}, or anything else that fills batches. Training asks
 * for batches without end and stores {@link Batch#next} in its checkpoints; a source that is to go
 * on with the same clips begins at such a cursor. It has one user, which takes one batch after the
 * other and closes each.
 */
public interface ClipSource extends AutoCloseable {
  /**
   * The next batch, as soon as it is there.
   *
   * @return null after the last one
   * @throws VideoException when a video cannot be used and none may be left out
   * @throws VideoListException when no video can be used
   */
  Batch next() throws VideoException, VideoListException;

  /**
   * Nanoseconds that {@link #next} has waited so far, over all calls; 0 for a source that does not
   * count.
   */
  default long waitNanos() {
    return 0;
  }

  /** How many different videos were left out so far. */
  default int skipped() {
    return 0;
  }

  /** Which of the batches of a run these are. */
  default Shard shard() {
    return Shard.ALL;
  }

  /** Frees what the source holds, the pixels of batches in use too. */
  @Override
  void close();
}
