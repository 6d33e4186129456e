package dev.tenzing.video.load;

import dev.tenzing.video.augment.Mixing;
import dev.tenzing.video.list.VideoList;

/** How clips are loaded; {@link #open} starts it. Made by {@link ClipLoader#of}. */
public final class ClipLoaderOptions {
  final VideoList list;
  final ClipPolicy policy;
  int batch = 1;
  long seed;
  int threads = 1;
  int prefetch = 2;
  boolean endless = true;
  boolean strict;
  Cursor start = Cursor.START;
  Shard shard = Shard.ALL;
  SkipLog skipLog = new SkipLog(null);
  Catalog catalog = new Catalog();
  FrameStore store;
  Mixing mixing;

  ClipLoaderOptions(VideoList list, ClipPolicy policy) {
    this.list = list;
    this.policy = policy;
  }

  /** Videos in a batch; 1 unless told. */
  public ClipLoaderOptions batch(int videos) {
    batch = positive("batch", videos);
    return this;
  }

  /** Seed of the order and of every draw; 0 unless told. */
  public ClipLoaderOptions seed(long value) {
    seed = value;
    return this;
  }

  /** Decoding threads; 1 unless told. */
  public ClipLoaderOptions threads(int count) {
    threads = positive("threads", count);
    return this;
  }

  /** Finished batches that may wait for the trainer; 2 unless told. */
  public ClipLoaderOptions prefetch(int batches) {
    prefetch = positive("prefetch", batches);
    return this;
  }

  /** Reads the list once, in its order, instead of shuffled epochs without end. */
  public ClipLoaderOptions singlePass() {
    endless = false;
    return this;
  }

  /** Where to go on, from {@link Batch#next}; the beginning unless told. */
  public ClipLoaderOptions start(Cursor cursor) {
    start = cursor;
    return this;
  }

  /**
   * Which of the batches are taken; all unless told. All shards of a run need the same list,
   * policy, batch, seed and start.
   */
  public ClipLoaderOptions shard(Shard part) {
    shard = part;
    return this;
  }

  /** Fails at the first video that cannot be used instead of skipping it. */
  public ClipLoaderOptions strict(boolean on) {
    strict = on;
    return this;
  }

  /** Where skipped videos are noted. */
  public ClipLoaderOptions skipLog(SkipLog log) {
    skipLog = log;
    return this;
  }

  /** What is known of the files already; a catalog of its own unless told. */
  public ClipLoaderOptions catalog(Catalog known) {
    catalog = known;
    return this;
  }

  /** Keeps decoded videos in memory; null for no store. */
  public ClipLoaderOptions store(FrameStore frames) {
    store = frames;
    return this;
  }

  /** Mixes the clips of a batch with each other; null for no mixing. */
  public ClipLoaderOptions mixing(Mixing rule) {
    mixing = rule;
    return this;
  }

  /** Bytes of pixels that the loader will keep, beside a store of frames. */
  public long bytes() {
    long clips = (long) ClipLoader.WORK_AHEAD * threads;
    long batches = (long) (prefetch + 1 + ClipLoader.MAX_HELD) * batch;
    return Math.multiplyExact(clips + batches, ClipReader.bytes(policy));
  }

  /** Starts the threads. */
  public ClipLoader open() {
    int length = endless ? list.epoch() : list.videos().size();
    if (start.position() >= length) {
      throw new IllegalArgumentException(
          "%s: cannot go on at video %s of %s; was the list changed?"
              .formatted(list.name(), start.position() + 1, length));
    }
    return new ClipLoader(this);
  }

  private static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, not " + value);
    }
    return value;
  }
}
