package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A frame while it is changed. Keeps its memory from frame to frame: one picture a thread.
 *
 * <p>Changes of values are gathered in a table for each channel until a change that needs the
 * pixels comes, or the end.
 */
public final class Picture {
  private int width;
  private int height;
  private byte[] rgb = new byte[0];
  private byte[] spare = new byte[0];
  private final byte[][] tables = new byte[3][256];
  private boolean pending;

  /**
   * Takes over a frame.
   *
   * @param source RGB24 bytes [height, width, 3]
   */
  public void load(MemorySegment source, int width, int height) {
    int bytes = Math.multiplyExact(3, Math.multiplyExact(width, height));
    if (rgb.length < bytes) {
      rgb = new byte[bytes];
      spare = new byte[bytes];
    }
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, 0, rgb, 0, bytes);
    this.width = width;
    this.height = height;
    pending = false;
  }

  /** Applies transforms one after another so that {@code wanted} is right. */
  public void apply(List<PictureTransform> transforms, Crop wanted) {
    Crop[] needed = new Crop[transforms.size()];
    Crop next = wanted;
    for (int i = needed.length - 1; i >= 0; i--) {
      needed[i] = next;
      next = transforms.get(i).reads(next, width, height);
    }
    for (int i = 0; i < needed.length; i++) {
      transforms.get(i).apply(this, needed[i]);
    }
    settle(wanted);
  }

  /** RGB24 bytes [height, width, 3]. */
  public MemorySegment pixels() {
    return MemorySegment.ofArray(rgb).asSlice(0, 3L * width * height);
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** The pixels, right within {@code part}. */
  byte[] settled(Crop part) {
    settle(part);
    return rgb;
  }

  /** As many bytes as the picture has, to write the next picture into. */
  byte[] spare() {
    return spare;
  }

  /** Makes what was written to {@link #spare} the picture. */
  void swap() {
    byte[] written = spare;
    spare = rgb;
    rgb = written;
  }

  /** Gives every value of every channel another one. */
  void map(byte[] table) {
    for (int channel = 0; channel < 3; channel++) {
      map(channel, table);
    }
  }

  /** Gives every value of one channel another one. */
  void map(int channel, byte[] table) {
    if (!pending) {
      pending = true;
      for (byte[] identity : tables) {
        for (int v = 0; v < 256; v++) {
          identity[v] = (byte) v;
        }
      }
    }
    byte[] mapped = tables[channel];
    for (int v = 0; v < 256; v++) {
      mapped[v] = table[mapped[v] & 0xFF];
    }
  }

  /** How often each value occurs in each channel, [3][256]. */
  int[][] histograms() {
    int[] raw0 = new int[256];
    int[] raw1 = new int[256];
    int[] raw2 = new int[256];
    byte[] pixels = rgb;
    for (int i = 0, end = 3 * width * height; i < end; i += 3) {
      raw0[pixels[i] & 0xFF]++;
      raw1[pixels[i + 1] & 0xFF]++;
      raw2[pixels[i + 2] & 0xFF]++;
    }
    int[][] raw = {raw0, raw1, raw2};
    if (!pending) {
      return raw;
    }
    int[][] counts = new int[3][256];
    for (int channel = 0; channel < 3; channel++) {
      for (int v = 0; v < 256; v++) {
        counts[channel][tables[channel][v] & 0xFF] += raw[channel][v];
      }
    }
    return counts;
  }

  private void settle(Crop part) {
    if (!pending) {
      return;
    }
    pending = false;
    byte[] red = tables[0];
    byte[] green = tables[1];
    byte[] blue = tables[2];
    byte[] pixels = rgb;
    for (int y = part.y(); y < part.y() + part.height(); y++) {
      int from = 3 * (y * width + part.x());
      for (int i = from, end = from + 3 * part.width(); i < end; i += 3) {
        pixels[i] = red[pixels[i] & 0xFF];
        pixels[i + 1] = green[pixels[i + 1] & 0xFF];
        pixels[i + 2] = blue[pixels[i + 2] & 0xFF];
      }
    }
  }
}
