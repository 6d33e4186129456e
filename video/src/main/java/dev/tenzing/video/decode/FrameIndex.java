package dev.tenzing.video.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the frames of a file lie: which frame each packet holds, and at which packets decoding may
 * begin. Made by a decode of the whole file, so that a frame found through it is the one that a
 * decode from the start would have numbered so, whatever the time stamps say.
 *
 * <p>Kept as bytes, about three a frame and ten an entry: a data set has millions of frames.
 */
public final class FrameIndex {
  /** A packet that holds no frame of its own. */
  static final int NONE = -1;

  private final byte[] bytes;

  private FrameIndex(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * A packet with which decoding may begin.
   *
   * @param packet its number in the stream
   * @param frame the frame in it; all frames from this one on can be had from here
   * @param position in the file, bytes
   * @param size in bytes; with the position it tells whether a seek ended here
   * @param stamp what to ask a seek for, or {@link #NO_STAMP}
   */
  record Entry(int packet, int frame, long position, int size, long stamp) {
    /** There is no seeking to this packet, only reading on to it. */
    static final long NO_STAMP = Long.MIN_VALUE;
  }

  /**
   * An index as it is used.
   *
   * @param frames the frame in each packet, or {@link #NONE}
   * @param packets the packet of each frame
   * @param sums of each frame, by {@link FrameSum}
   * @param entries in ascending order
   */
  record Map(int[] frames, int[] packets, char[] sums, List<Entry> entries) {
    /** The last entry from which a frame can be had; null when it is the start. */
    Entry entryFor(int frame) {
      int low = 0;
      int high = entries.size();
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (entries.get(middle).frame() <= frame) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low == 0 ? null : entries.get(low - 1);
    }
  }

  /**
   * The index of frames and entries.
   *
   * @param packets the packet in which each frame began, in the order shown
   * @param sums of each frame
   * @param count packets of the file
   * @param entries packets that may be entries, ascending, their frames not yet known; those whose
   *     later frames need an earlier packet are left out
   * @return null when packets and frames do not belong together one to one
   */
  static FrameIndex of(int[] packets, char[] sums, int count, List<Entry> entries) {
    int[] frames = new int[count];
    Arrays.fill(frames, NONE);
    for (int frame = 0; frame < packets.length; frame++) {
      int packet = packets[frame];
      if (packet < 0 || packet >= count || frames[packet] != NONE) {
        return null;
      }
      frames[packet] = frame;
    }
    // Earliest packet that any frame from a given one on lies in.
    int[] earliest = new int[packets.length + 1];
    earliest[packets.length] = count;
    for (int frame = packets.length - 1; frame >= 0; frame--) {
      earliest[frame] = Math.min(packets[frame], earliest[frame + 1]);
    }
    List<Entry> good = new ArrayList<>();
    for (Entry entry : entries) {
      int frame = frames[entry.packet];
      if (entry.packet > 0 && frame != NONE && earliest[frame] == entry.packet) {
        good.add(new Entry(entry.packet, frame, entry.position, entry.size, entry.stamp));
      }
    }
    return new FrameIndex(encode(frames, sums, good));
  }

  private static byte[] encode(int[] frames, char[] sums, List<Entry> entries) {
    VarBytes out = new VarBytes();
    out.put(frames.length);
    int expected = 0;
    for (int frame : frames) {
      // 0 is a packet without a frame, others are distances from the frame that was expected.
      out.put(frame == NONE ? 0 : 1 + VarBytes.zigzag(frame - expected));
      expected = frame == NONE ? expected : frame + 1;
    }
    for (char sum : sums) {
      out.putTwo(sum);
    }
    out.put(entries.size());
    Entry last = new Entry(0, 0, 0, 0, 0);
    for (Entry entry : entries) {
      out.put(entry.packet - last.packet);
      out.put(VarBytes.zigzag(entry.position - last.position));
      out.put(entry.size);
      boolean stamped = entry.stamp != Entry.NO_STAMP;
      out.put(stamped ? 1 : 0);
      if (stamped) {
        out.put(VarBytes.zigzag(entry.stamp - last.stamp));
      }
      last = stamped ? entry : new Entry(entry.packet, 0, entry.position, 0, last.stamp);
    }
    return out.toBytes();
  }

  /**
   * The index that {@link #toBytes} wrote.
   *
   * @param frames how many frames the file has
   * @throws IllegalArgumentException when it did not
   */
  public static FrameIndex fromBytes(byte[] bytes, int frames) {
    FrameIndex index = new FrameIndex(bytes.clone());
    if (index.map().packets.length != frames) {
      throw new IllegalArgumentException("an index of another number of frames than " + frames);
    }
    return index;
  }

  /** The index as bytes, to be stored. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  Map map() {
    VarBytes in = new VarBytes(bytes);
    int[] frames = new int[in.getCount()];
    int expected = 0;
    int shown = 0;
    for (int packet = 0; packet < frames.length; packet++) {
      long code = in.get();
      frames[packet] = code == 0 ? NONE : VarBytes.toInt(expected + VarBytes.unzigzag(code - 1));
      if (code != 0) {
        if (frames[packet] < 0) {
          throw new IllegalArgumentException("a damaged index: a frame before the first");
        }
        expected = frames[packet] + 1;
        shown++;
      }
    }
    int[] packets = new int[shown];
    Arrays.fill(packets, NONE);
    for (int packet = 0; packet < frames.length; packet++) {
      int frame = frames[packet];
      if (frame != NONE) {
        if (frame >= shown || packets[frame] != NONE) {
          throw new IllegalArgumentException("a damaged index: two packets for one frame");
        }
        packets[frame] = packet;
      }
    }
    char[] sums = new char[shown];
    for (int frame = 0; frame < shown; frame++) {
      sums[frame] = in.getTwo();
    }
    Entry[] entries = new Entry[in.getCount()];
    Entry last = new Entry(0, 0, 0, 0, 0);
    for (int i = 0; i < entries.length; i++) {
      int packet = VarBytes.toInt(last.packet + in.get());
      long position = last.position + VarBytes.unzigzag(in.get());
      int size = VarBytes.toInt(in.get());
      boolean stamped = in.get() == 1;
      long stamp = stamped ? last.stamp + VarBytes.unzigzag(in.get()) : Entry.NO_STAMP;
      if (packet < 0 || packet >= frames.length || frames[packet] == NONE) {
        throw new IllegalArgumentException("a damaged index: an entry without a frame");
      }
      entries[i] = new Entry(packet, frames[packet], position, size, stamp);
      last = stamped ? entries[i] : new Entry(packet, 0, position, 0, last.stamp);
    }
    return new Map(frames, packets, sums, List.of(entries));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FrameIndex index && Arrays.equals(bytes, index.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
