package dev.tenzing.video.decode;

import dev.tenzing.video.decode.FrameIndex.Entry;
import dev.tenzing.video.decode.VideoException.Reason;
import java.lang.foreign.MemorySegment;

/**
 * Reads chosen frames of scanned files, decoding no more than they need: it begins at the last
 * entry before a frame, leaves frames undecoded that are neither wanted nor referred to, and stops
 * after the last. What comes out are the frames of a decode from the start, bit for bit: each is
 * held against the checksum that the scan took of it, and if they differ, the file is read again
 * without short cuts.
 *
 * <p>Keeps what it can for the next clip: one decoder a thread.
 */
public final class ClipDecoder implements AutoCloseable {
  private final Scaler scaler = new Scaler();

  /** How frames are looked for, from the quickest way to the one that always works. */
  private enum Way {
    /** By the index, seeking in the file. */
    SEEKING,
    /** By the index, reading over what is not needed. */
    READING_ON,
    /** Decoding and counting everything. */
    COUNTING
  }

  /**
   * Reads frames of a video file or a folder of pictures, all scaled to one size.
   *
   * @param frames indices in ascending order; an index may repeat
   * @param target RGB24 bytes [frames, height, width, 3]
   * @throws VideoException when the file fails before the last of them
   */
  public void decode(VideoInfo info, int[] frames, int width, int height, MemorySegment target)
      throws VideoException {
    if (frames.length == 0) {
      return;
    }
    if (FrameFolder.is(info.path())) {
      FrameFolder.open(info.path()).decode(frames, width, height, target);
      return;
    }
    boolean indexed = info.index() != null && info.stamp().equals(FileStamp.of(info.path()));
    FrameIndex.Map map = indexed ? info.index().map() : null;
    char[] sums = indexed ? map.sums() : null;
    int odd = -1;
    for (Way way : frames[frames.length - 1] < info.frames() ? Way.values() : new Way[0]) {
      if (way != Way.COUNTING && !indexed) {
        continue;
      }
      try (OpenVideo source = OpenVideo.open(info.path())) {
        WantedFrames wanted = new WantedFrames(source, scaler, frames, sums, width, height, target);
        if (way == Way.COUNTING ? count(source, wanted) : follow(map, way, source, wanted)) {
          return;
        }
        odd = wanted.odd();
      } catch (VideoException e) {
        // Begun in the middle, damage may be of our making; a decode from the start knows.
        if (way == Way.COUNTING || e.reason() == Reason.TIMEOUT) {
          throw e;
        }
      }
    }
    if (odd >= 0) {
      throw new VideoException(
          info.path(),
          Reason.DECODE_ERROR,
          "frame " + odd + " does not come out as when the file was checked");
    }
    throw new VideoException(
        info.path(),
        Reason.TRUNCATED,
        "frame " + frames[frames.length - 1] + " is wanted, but the video ends before it");
  }

  private static boolean count(OpenVideo source, WantedFrames wanted) throws VideoException {
    int packets = 0;
    int index = 0;
    while (!wanted.complete() && wanted.odd() < 0) {
      boolean more = source.container().next();
      if (more) {
        source.codec().send(source.container().packet(), packets++, true);
      } else {
        source.codec().end();
      }
      while (source.codec().receive()) {
        wanted.take(index++);
      }
      if (!more) {
        break;
      }
    }
    return wanted.complete();
  }

  /** Returns false when something is not where the index says. */
  private static boolean follow(FrameIndex.Map map, Way way, OpenVideo source, WantedFrames wanted)
      throws VideoException {
    int count = map.frames().length;
    Codec codec = source.codec();
    int packet = 0;
    boolean sent = false;
    while (!wanted.complete() && wanted.odd() < 0) {
      int frame = wanted.firstFrom(packet, map.packets());
      // The packets after a frame's own that bring no other may hold the rest of it.
      boolean between = !sent || packet == count || map.frames()[packet] != FrameIndex.NONE;
      if (between && frame < 0) {
        break;
      }
      Entry entry = between ? map.entryFor(frame) : null;
      if (entry != null && entry.packet() > packet) {
        if (sent) {
          codec.end();
          wanted.takeReady(map.frames());
          codec.restart();
          sent = false;
        }
        if (!jump(entry, packet, way, source.container())) {
          return false;
        }
        source.container().carryPalette();
        packet = entry.packet();
      } else if (packet == count || !source.container().next()) {
        return false;
      }
      int held = map.frames()[packet];
      codec.send(
          source.container().packet(), packet, held == FrameIndex.NONE || wanted.wants(held));
      sent = true;
      packet++;
      wanted.takeReady(map.frames());
    }
    if (!wanted.complete()) {
      codec.end();
      wanted.takeReady(map.frames());
    }
    return wanted.complete();
  }

  private static boolean jump(Entry entry, int packet, Way way, Container container)
      throws VideoException {
    int distance = entry.packet() - packet;
    boolean seek =
        way == Way.SEEKING && entry.stamp() != Entry.NO_STAMP && distance >= Jump.SEEK_FROM;
    return seek
        ? Jump.to(entry, container, entry.packet())
        : Jump.readTo(entry, container, distance);
  }

  @Override
  public void close() {
    scaler.close();
  }
}
