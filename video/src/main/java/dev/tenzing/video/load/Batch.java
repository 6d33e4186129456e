package dev.tenzing.video.load;

import dev.tenzing.video.augment.BatchMix;
import dev.tenzing.video.list.Annotation;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * Clips for one step. The pixels belong to the source of the clips: close the batch when they are
 * used, and hold no more batches at a time than the source allows.
 */
public final class Batch implements AutoCloseable {
  private final MemorySegment pixels;
  private final int views;
  private final List<Sample> samples;
  private final BatchMix mix;
  private final Cursor next;
  private final int skipped;
  private final Runnable release;
  private boolean closed;

  /**
   * A batch of clips.
   *
   * @param pixels RGB24 bytes [samples * views, T, S, S, 3]; row {@code r} is view {@code r %
   *     views} of video {@code r / views}
   * @param views clips of each video
   * @param samples one for each video
   * @param mix how the rows are mixed with each other already
   * @param next where a run that has used this batch goes on
   * @param skipped videos that were passed over while it was filled
   * @param release runs once, when the pixels are not used any more
   */
  public Batch(
      MemorySegment pixels,
      int views,
      List<Sample> samples,
      BatchMix mix,
      Cursor next,
      int skipped,
      Runnable release) {
    this.pixels = pixels;
    this.views = views;
    this.samples = List.copyOf(samples);
    this.mix = mix;
    this.next = next;
    this.skipped = skipped;
    this.release = release;
    long rows = (long) this.samples.size() * views;
    if (rows < 1 || pixels.byteSize() == 0 || pixels.byteSize() % rows != 0) {
      throw new IllegalArgumentException(
          "%s bytes are not the clips of %s videos with %s views"
              .formatted(pixels.byteSize(), this.samples.size(), views));
    }
    if (mix.shares().length != rows) {
      throw new IllegalArgumentException(
          "%s clips are mixed in %s shares, one for each is needed"
              .formatted(rows, mix.shares().length));
    }
    for (Sample sample : this.samples) {
      if (!sample.views().isEmpty() && sample.views().size() != views) {
        throw new IllegalArgumentException(
            "%s: the geometry of %s views is given, there are %s"
                .formatted(sample.path(), sample.views().size(), views));
      }
    }
  }

  /**
   * One clip of each video, not mixed, in memory that goes back to no pool.
   *
   * @param pixels RGB24 bytes [samples, T, S, S, 3]
   */
  public Batch(MemorySegment pixels, List<Sample> samples, Cursor next) {
    this(pixels, 1, samples, BatchMix.none(samples.size()), next, 0, () -> {});
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
    return samples.size();
  }

  /** Clips of each video. */
  public int views() {
    return views;
  }

  public List<Sample> samples() {
    return samples;
  }

  /** What each video shows. */
  public List<Annotation> annotations() {
    return samples.stream().map(Sample::annotation).toList();
  }

  /** The class of each video, -1 for none. */
  public int[] labels() {
    return samples.stream().mapToInt(sample -> sample.annotation().label()).toArray();
  }

  /** Which part of its video each row shows; empty where the source of the clips does not say. */
  public List<ClipGeometry> geometry() {
    return samples.stream().flatMap(sample -> sample.views().stream()).toList();
  }

  /** How the rows are mixed with each other; {@code mix().shares()} has one entry a row. */
  public BatchMix mix() {
    return mix;
  }

  /** The place of each video in the list. */
  public int[] indices() {
    return samples.stream().mapToInt(Sample::index).toArray();
  }

  /** The file of each video. */
  public List<Path> paths() {
    return samples.stream().map(Sample::path).toList();
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
      release.run();
    }
  }
}
