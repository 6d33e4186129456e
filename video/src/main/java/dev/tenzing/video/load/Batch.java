package dev.tenzing.video.load;

import dev.tenzing.video.augment.BatchMix;
import dev.tenzing.video.list.VideoList.Entry;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * Clips for one step. The pixels belong to the loader: close the batch when they are used, and hold
 * no more than {@link ClipLoader#MAX_HELD} batches at a time.
 */
public final class Batch implements AutoCloseable {
  private final ClipLoader loader;
  private final MemorySegment buffer;
  private final MemorySegment pixels;
  private final int views;
  private final List<Entry> entries;
  private final int[] indices;
  private final BatchMix mix;
  private final Cursor next;
  private final int skipped;
  private boolean closed;

  Batch(
      ClipLoader loader,
      MemorySegment buffer,
      int views,
      List<Entry> entries,
      int[] indices,
      BatchMix mix,
      Cursor next,
      int skipped) {
    this.loader = loader;
    this.buffer = buffer;
    this.views = views;
    this.entries = List.copyOf(entries);
    this.indices = indices;
    this.mix = mix;
    this.next = next;
    this.skipped = skipped;
    this.pixels = buffer.asSlice(0, loader.clipBytes() * entries.size());
  }

  /**
   * RGB24 bytes [size * views, T, S, S, 3]; row {@code r} is view {@code r % views} of video {@code
   * r / views}.
   */
  public MemorySegment pixels() {
    if (closed) {
      throw new IllegalStateException("the batch is closed, its pixels belong to another one");
    }
    return pixels;
  }

  /** Videos in this batch; fewer than asked for only in the last batch of a single pass. */
  public int size() {
    return indices.length;
  }

  /** Clips of each video. */
  public int views() {
    return views;
  }

  /** The class of each video, -1 for none. */
  public int[] labels() {
    return entries.stream().mapToInt(Entry::label).toArray();
  }

  /** How the rows are mixed with each other; {@code mix().shares()} has one entry a row. */
  public BatchMix mix() {
    return mix;
  }

  /** The place of each video in the list. */
  public int[] indices() {
    return indices.clone();
  }

  /** The file of each video. */
  public List<Path> paths() {
    return entries.stream().map(Entry::path).toList();
  }

  /** Where a run that has used this batch goes on. */
  public Cursor next() {
    return next;
  }

  /** Videos that were passed over while this batch was filled. */
  public int skipped() {
    return skipped;
  }

  /** Gives the pixels back. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      loader.recycle(buffer);
    }
  }
}
