package dev.tenzing.video.load;

import dev.tenzing.video.decode.ClipDecoder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * Keeps decoded videos at their working size in memory outside the Java heap, so that a small data
 * set is decoded once. Videos are taken in until the budget is spent and none is dropped again: a
 * shuffled epoch visits each video once, so nothing is gained by dropping the oldest. The frames
 * are those that the decoder would give, so clips are the same with and without a store.
 */
public final class FrameStore implements AutoCloseable {
  private record Key(Path path, int width, int height) {}

  private final Arena arena = Arena.ofShared();
  private final Map<Key, MemorySegment> videos = new ConcurrentHashMap<>();
  private final long maxBytes;
  private long bytes;

  /**
   * @param maxBytes budget for the pixels of all videos together
   */
  public FrameStore(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * All frames of a video, decoded now if they were not before.
   *
   * @return RGB24 bytes [frames, height, width, 3], or null when the budget does not allow it
   * @throws VideoException when the file fails although its scan was good
   */
  MemorySegment frames(VideoInfo info, int width, int height, ClipDecoder decoder)
      throws VideoException {
    Key key = new Key(info.path(), width, height);
    MemorySegment known = videos.get(key);
    if (known != null) {
      return known;
    }
    MemorySegment room = reserve(3L * width * height * info.frames());
    if (room == null) {
      return null;
    }
    int[] all = IntStream.range(0, info.frames()).toArray();
    decoder.decode(info, all, width, height, room);
    // A second thread that decoded the same video meanwhile wins or loses with equal pixels.
    videos.putIfAbsent(key, room);
    return room;
  }

  private synchronized MemorySegment reserve(long wanted) {
    if (wanted > maxBytes - bytes) {
      return null;
    }
    bytes += wanted;
    return arena.allocate(wanted, 64);
  }

  /** Bytes in use. */
  public synchronized long bytes() {
    return bytes;
  }

  /** Frees the memory; the loaders that use the store must be closed before. */
  @Override
  public void close() {
    videos.clear();
    arena.close();
  }
}
