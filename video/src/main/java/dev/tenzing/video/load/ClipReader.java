package dev.tenzing.video.load;

import dev.tenzing.video.augment.Picture;
import dev.tenzing.video.decode.ClipDecoder;
import dev.tenzing.video.decode.FrameFolder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoException.Reason;
import dev.tenzing.video.decode.VideoInfo;
import dev.tenzing.video.list.Part;
import dev.tenzing.video.list.Part.Range;
import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.random.KeyedRandom;
import dev.tenzing.video.sample.Sampling;
import dev.tenzing.video.transform.Resizer;
import dev.tenzing.video.transform.ShortSide;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Draws the clips of one video: one decode of the frames that any of its views needs, then each
 * view cut out of them. Keeps its working memory between videos: one reader a thread.
 */
public final class ClipReader implements AutoCloseable {
  private final ClipPolicy policy;
  private final Catalog catalog;
  private final FrameStore store;
  private final Resizer resizer;
  private final ClipDecoder decoder = new ClipDecoder();
  private final Picture picture = new Picture();
  private Arena arena = Arena.ofConfined();
  private MemorySegment scratch = MemorySegment.NULL;

  /**
   * @param store decoded videos, or null for none
   */
  public ClipReader(ClipPolicy policy, Catalog catalog, FrameStore store) {
    this.policy = policy;
    this.catalog = catalog;
    this.store = store;
    this.resizer = new Resizer(policy.size());
  }

  /** Bytes of the clips of one video: views x T x size x size x 3. */
  public static long bytes(ClipPolicy policy) {
    return 3L * policy.views() * policy.frames() * policy.size() * policy.size();
  }

  /**
   * Draws the clips of one video.
   *
   * @param key of all randomness in the draw
   * @param target RGB24 bytes [views, T, size, size, 3]
   * @return what each view shows
   * @throws VideoException when the video cannot be used
   */
  public List<ClipGeometry> read(Entry entry, long key, MemorySegment target)
      throws VideoException {
    VideoInfo info = catalog.info(entry.path());
    Range part = usable(entry, info);
    ShortSide working = policy.workingSize(info.width(), info.height());
    List<ClipPlan> plans =
        policy
            .draw()
            .clips(
                sampling(entry),
                part.count(),
                working.width(),
                working.height(),
                new KeyedRandom(key));
    MemorySegment stored =
        store == null ? null : store.frames(info, working.width(), working.height(), decoder);
    if (stored != null) {
      int[] all = IntStream.range(0, info.frames()).toArray();
      cut(plans, part.start(), all, stored, working, target);
      return geometry(plans, part.start(), info, working);
    }
    int[] wanted =
        plans.stream()
            .flatMapToInt(plan -> Arrays.stream(plan.frames()))
            .map(frame -> part.start() + frame)
            .sorted()
            .distinct()
            .toArray();
    MemorySegment frames = scratch(3L * wanted.length * working.width() * working.height());
    decoder.decode(info, wanted, working.width(), working.height(), frames);
    cut(plans, part.start(), wanted, frames, working, target);
    return geometry(plans, part.start(), info, working);
  }

  /**
   * Looks whether a video can be used, without reading a clip.
   *
   * @throws VideoException when it cannot
   */
  void check(Entry entry) throws VideoException {
    usable(entry, catalog.info(entry.path()));
  }

  private List<ClipGeometry> geometry(
      List<ClipPlan> plans, int start, VideoInfo info, ShortSide working) {
    return plans.stream()
        .map(plan ->
            new ClipGeometry(
                info.width(),
                info.height(),
                working,
                plan.crop(),
                plan.mirror(),
                policy.size(),
                Arrays.stream(plan.frames()).map(frame -> start + frame).toArray(),
                info.rate()))
        .toList();
  }

  private Sampling sampling(Entry entry) {
    int stride = entry.source().stride();
    return stride == 0 ? policy.sampling() : policy.sampling().withStride(stride);
  }

  /** The part of the video that the list means. */
  private static Range usable(Entry entry, VideoInfo info) throws VideoException {
    boolean pictures = FrameFolder.is(entry.path());
    int first = pictures ? FrameFolder.open(entry.path()).first() : 0;
    // A list's count is of the pictures in a folder; those of a file the decoder has counted.
    Part part = !pictures && entry.part() instanceof Part.Count ? Part.WHOLE : entry.part();
    Range range = part.range(info.frames(), info.rate(), first);
    if (range.start() < 0 || range.count() < 1) {
      throw new VideoException(
          entry.path(),
          Reason.TOO_FEW_FRAMES,
          "the list asks for %s, there are %s from %s".formatted(part, info.frames(), first));
    }
    if (pictures && range.count() < part.told()) {
      throw new VideoException(
          entry.path(),
          Reason.TRUNCATED,
          "the list asks for %s, the folder holds %s from %s"
              .formatted(part, info.frames(), first));
    }
    return range;
  }

  /** Cuts every view; {@code present} says which frame of the video each of {@code frames} is. */
  private void cut(
      List<ClipPlan> plans,
      int start,
      int[] present,
      MemorySegment frames,
      ShortSide working,
      MemorySegment target) {
    long frameBytes = 3L * working.width() * working.height();
    long outBytes = 3L * policy.size() * policy.size();
    long to = 0;
    for (ClipPlan plan : plans) {
      long first = to;
      for (int frame : plan.frames()) {
        long from = Arrays.binarySearch(present, start + frame) * frameBytes;
        resizer.apply(
            augmented(frames.asSlice(from, frameBytes), working, plan),
            working.width(),
            plan.crop(),
            plan.mirror(),
            target.asSlice(to, outBytes));
        to += outBytes;
      }
      if (plan.erasure() != null) {
        plan.erasure().apply(target.asSlice(first, to - first), policy.frames(), policy.size());
      }
    }
  }

  private MemorySegment augmented(MemorySegment frame, ShortSide working, ClipPlan plan) {
    if (plan.pictures().isEmpty()) {
      return frame;
    }
    picture.load(frame, working.width(), working.height());
    picture.apply(plan.pictures(), plan.crop());
    return picture.pixels();
  }

  private MemorySegment scratch(long bytes) {
    if (scratch.byteSize() < bytes) {
      arena.close();
      arena = Arena.ofConfined();
      scratch = arena.allocate(bytes, 64);
    }
    return scratch;
  }

  @Override
  public void close() {
    decoder.close();
    arena.close();
  }
}
