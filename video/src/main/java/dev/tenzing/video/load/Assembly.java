package dev.tenzing.video.load;

import dev.tenzing.video.augment.BatchMix;
import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.random.KeyedRandom;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A batch in the making, and how far those are that other shards make in the same turn. */
final class Assembly {
  private static final long MIX = 0x4D6978L;

  private final ClipLoaderOptions options;
  private final MemorySegment buffer;
  private final long clipBytes;
  private final List<Sample> samples = new ArrayList<>();
  private BatchMix mix;
  private long good;
  private int skipped;

  /**
   * @param buffer room for the pixels of a batch
   */
  Assembly(ClipLoaderOptions options, MemorySegment buffer) {
    this.options = options;
    this.buffer = buffer;
    clipBytes = ClipReader.bytes(options.policy);
  }

  /**
   * Takes a good video.
   *
   * @param next ticket after the video's own
   * @param clip pixels of its clips, which are not looked at when they are another shard's
   */
  void add(Drawn drawn, long next, MemorySegment clip) {
    good++;
    if (drawn.clips() == null) {
      return;
    }
    MemorySegment.copy(clip, 0, buffer, samples.size() * clipBytes, clipBytes);
    Entry entry = options.list.videos().get(drawn.sample());
    samples.add(new Sample(drawn.sample(), entry.path(), entry.annotation(), drawn.clips()));
    if (samples.size() == options.batch) {
      mix(next);
    }
  }

  /** Notes that a video was passed over. */
  void skip() {
    skipped++;
  }

  /** Whether every shard has a batch. */
  boolean complete() {
    return good == (long) options.batch * options.shard.of();
  }

  /** Whether this shard has nothing. */
  boolean isEmpty() {
    return samples.isEmpty();
  }

  /**
   * The batch, which is smaller than asked for where a single pass ends.
   *
   * @param next first ticket of the next turn
   * @param length of an epoch
   */
  Batch finish(long next, int length, Runnable release) {
    if (mix == null) {
      mix(next);
    }
    return new Batch(
        buffer.asSlice(0, clipBytes * samples.size()),
        options.policy.views(),
        samples,
        mix,
        Cursor.ofTicket(next, length),
        skipped,
        release);
  }

  /**
   * Mixes the clips; {@code next}, the first ticket after this batch, is the batch's own number.
   */
  private void mix(long next) {
    ClipPolicy policy = options.policy;
    int rows = samples.size() * policy.views();
    mix = BatchMix.none(rows);
    if (options.mixing != null) {
      KeyedRandom random = new KeyedRandom(KeyedRandom.key(options.seed, MIX, next));
      mix = options.mixing.draw(rows, policy.size(), random);
      mix.apply(buffer, policy.frames(), policy.size());
    }
  }
}
