package dev.tenzing.video.load;

import dev.tenzing.video.decode.FFmpeg;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import dev.tenzing.video.random.KeyedRandom;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Batches of clips, decoded by several threads ahead of their use.
 *
 * <pre>{@code
 * try (var loader = ClipLoader.of(list, ClipPolicy.pretraining(16, 4, 224))
 *         .batch(32).seed(7).threads(8).start(cursor).open()) {
 *   while (step < steps) {
 *     try (var batch = loader.next()) {
 *       train(batch.pixels());
 *       cursor = batch.next();
 *     }
 *   }
 * }
 * }</pre>
 *
 * <p>Training reads epoch after epoch without end and shuffles each; a batch may begin in one epoch
 * and end in the next, so that none is smaller and no video is left over. A single pass reads the
 * list once in its order and ends with what is left. What a batch holds depends on the list, the
 * files, the policy, the seed and the cursor; not on the number of threads.
 */
public final class ClipLoader implements ClipSource {
  /** Batches that may be in use at a time. */
  public static final int MAX_HELD = 2;

  private static final long CLIP = 0x436C6970L;

  /** Clips that a thread may have decoded before they are batches. */
  static final int WORK_AHEAD = 3;

  /** What waits for the trainer: one of the three, or none of them at the end. */
  private record Delivery(Batch batch, VideoException defect, Throwable failure) {}

  private final ClipLoaderOptions options;
  private final VideoList list;
  private final Order order;
  private final Window<Drawn> window;
  private final Ordinals ordinals;
  private final long clipBytes;
  private final Arena arena = Arena.ofShared();
  private final List<MemorySegment> clips = new ArrayList<>();
  private final BlockingQueue<MemorySegment> buffers;
  private final BlockingQueue<Delivery> ready;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger held = new AtomicInteger();
  private final AtomicLong waited = new AtomicLong();
  private Delivery last;

  /** Options of a loader of the list's videos, with the defaults of training. */
  public static ClipLoaderOptions of(VideoList list, ClipPolicy policy) {
    return new ClipLoaderOptions(list, policy);
  }

  ClipLoader(ClipLoaderOptions options) {
    FFmpeg.load(); // A worker that cannot start would be waited for.
    this.options = options;
    this.list = options.list;
    order = new Order(list, options.seed, options.endless);
    int length = order.length();
    long first = options.start.ticket(length);
    long end = options.endless ? Long.MAX_VALUE : length;
    window = new Window<>(Math.min(first, end), end, WORK_AHEAD * options.threads);
    ordinals = new Ordinals(first);
    clipBytes = ClipReader.bytes(options.policy);
    for (int i = 0; i < window.capacity(); i++) {
      clips.add(arena.allocate(clipBytes, 64));
    }
    int count = options.prefetch + 1 + MAX_HELD;
    buffers = new ArrayBlockingQueue<>(count);
    for (int i = 0; i < count; i++) {
      buffers.add(arena.allocate(clipBytes * options.batch, 64));
    }
    ready = new ArrayBlockingQueue<>(options.prefetch);
    for (int i = 0; i < options.threads; i++) {
      launch("video-decoder-" + i, this::decode);
    }
    launch("video-batches", () -> assemble(first));
  }

  private void launch(String name, Runnable work) {
    Thread thread = Thread.ofPlatform().daemon().name(name).start(work);
    threads.add(thread);
  }

  /** A worker: claims samples and draws their clips. */
  private void decode() {
    try (ClipReader reader = new ClipReader(options.policy, options.catalog, options.store)) {
      for (long ticket = window.claim(); ticket >= 0; ticket = window.claim()) {
        window.put(ticket, draw(reader, ticket));
      }
    } catch (InterruptedException | CancellationException e) {
      // The loader is being closed.
    }
  }

  private Drawn draw(ClipReader reader, long ticket) throws InterruptedException {
    Order.Visit visit = order.visit(ticket);
    int sample = visit.sample();
    boolean checked = false;
    try {
      if (options.shard.shared()) {
        VideoException defect = defect(reader, sample);
        long ordinal = ordinals.next(ticket, defect == null);
        if (defect != null) {
          return Drawn.defect(sample, defect, false);
        }
        if (!options.shard.takes(ordinal, options.batch)) {
          return Drawn.elsewhere(sample);
        }
        checked = true;
      }
      long key = KeyedRandom.key(options.seed, CLIP, visit.pass(), sample);
      return Drawn.clips(sample, reader.read(list.videos().get(sample), key, clip(ticket)));
    } catch (VideoException e) {
      return Drawn.defect(sample, e, checked);
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      return Drawn.failure(sample, e);
    }
  }

  /** Where the clips of a ticket are kept until they are in a batch. */
  private MemorySegment clip(long ticket) {
    return clips.get((int) (ticket % window.capacity()));
  }

  private VideoException defect(ClipReader reader, int sample) {
    try {
      reader.check(list.videos().get(sample));
      return null;
    } catch (VideoException e) {
      return e;
    }
  }

  /** The assembler: takes the clips in order and fills batches with the good ones. */
  private void assemble(long first) {
    try {
      long ticket = first;
      MemorySegment buffer = buffers.take();
      Assembly assembly = new Assembly(options, buffer);
      BitSet failed = new BitSet(); // Since a clip was good: an epoch may hold it anywhere.
      for (Drawn result = window.first(); result != null; result = window.first()) {
        ticket++;
        if (result.failure() != null) {
          throw result.failure();
        }
        if (result.defect() != null) {
          options.skipLog.add(result.defect());
          if (options.strict || result.fatal()) {
            ready.put(new Delivery(null, result.defect(), null));
            return;
          }
          assembly.skip();
          failed.set(result.sample());
          if (failed.cardinality() == list.videos().size() && options.endless) {
            throw noneUsable(result.defect());
          }
        } else {
          failed.clear();
          assembly.add(result, ticket, clip(ticket - 1));
        }
        window.release();
        if (assembly.complete()) {
          ready.put(delivery(assembly, ticket, buffer));
          buffer = buffers.take();
          assembly = new Assembly(options, buffer);
        }
      }
      if (!assembly.isEmpty()) {
        ready.put(delivery(assembly, ticket, buffer));
      }
      ready.put(new Delivery(null, null, null));
    } catch (InterruptedException e) {
      // The loader is being closed.
    } catch (Throwable failure) {
      deliver(failure);
    }
  }

  private Delivery delivery(Assembly assembly, long ticket, MemorySegment buffer) {
    Batch batch = assembly.finish(ticket, order.length(), () -> recycle(buffer));
    return new Delivery(batch, null, null);
  }

  private void deliver(Throwable failure) {
    try {
      ready.put(new Delivery(null, null, failure));
    } catch (InterruptedException e) {
      // The loader is being closed.
    }
  }

  private VideoListException noneUsable(VideoException defect) {
    return new VideoListException(
        "%s: none of the %s videos can be used; the last of them, %s"
            .formatted(list.name(), list.videos().size(), defect.getMessage()));
  }

  /**
   * The next batch, as soon as it is there.
   *
   * @return null after the last batch of a single pass; never null in training
   * @throws VideoException the first defect, if loading is strict
   * @throws VideoListException when no video of the list can be used
   */
  @Override
  public Batch next() throws VideoException, VideoListException {
    if (held.get() >= MAX_HELD) {
      throw new IllegalStateException(
          MAX_HELD + " batches are in use; close one of them before taking the next");
    }
    if (last == null) {
      long start = System.nanoTime();
      Delivery delivery;
      try {
        delivery = ready.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("waiting for a batch was interrupted");
      }
      waited.addAndGet(System.nanoTime() - start);
      if (delivery.batch != null) {
        held.incrementAndGet();
        return delivery.batch;
      }
      last = delivery;
    }
    if (last.defect != null) {
      throw last.defect;
    }
    switch (last.failure) {
      case null -> {
        return null;
      }
      case VideoListException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(last.failure);
    }
  }

  @Override
  public long waitNanos() {
    return waited.get();
  }

  @Override
  public Shard shard() {
    return options.shard;
  }

  /** How many different videos are in the log of those that were left out. */
  @Override
  public int skipped() {
    return options.skipLog.count();
  }

  private void recycle(MemorySegment buffer) {
    held.decrementAndGet();
    buffers.add(buffer);
  }

  /** Stops the threads and frees all pixels, those of batches in use too. */
  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (arena.scope().isAlive()) {
      arena.close();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
