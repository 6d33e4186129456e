package dev.tenzing.video.decode;

import dev.tenzing.video.decode.FrameIndex.Entry;
import org.bytedeco.ffmpeg.avcodec.AVPacket;

/**
 * Goes to an entry of a file. FFmpeg seeks by time stamps, which in many files are wrong, so that
 * it lands elsewhere; the entry is known by the place and size of its packet, and packets before it
 * are read over.
 */
final class Jump {
  /** Reading over a packet takes 10 microseconds and seeking takes several hundred. */
  static final int SEEK_FROM = 32;

  private Jump() {}

  /**
   * Seeks.
   *
   * @param within how many packets may be read over before giving up
   * @return whether the container's present packet is the entry's; if not, it is an unknown one
   */
  static boolean to(Entry entry, Container container, int within) throws VideoException {
    return entry.stamp() != Entry.NO_STAMP
        && container.seek(entry.stamp())
        && readTo(entry, container, within);
  }

  /** Reads on to the entry. */
  static boolean readTo(Entry entry, Container container, int within) throws VideoException {
    for (int read = 0; read <= within && container.next(); read++) {
      container.readOn();
      AVPacket packet = container.packet();
      if (packet.pos() == entry.position() && packet.size() == entry.size()) {
        return true;
      }
    }
    return false;
  }
}
