package dev.tenzing.video.transform;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Cuts a rectangle out of an RGB24 picture and scales it to a square, mirrored if wanted.
 *
 * <p>Bilinear as Pillow does it, bit for bit: the triangle filter widens when it shrinks, weights
 * have 22 fractional bits, rows are scaled and rounded to bytes first, then columns.
 *
 * <p>Keeps its tables and rows between calls: one resizer a thread.
 */
public final class Resizer {
  private final int size;
  private final Rows kernels;
  private final byte[] row;
  private byte[] line = new byte[0];
  private byte[] rows = new byte[0];
  private Filter across;
  private Filter down;

  /**
   * @param size side of the square, pixels
   */
  public Resizer(int size) {
    this(size, Rows.BEST);
  }

  Resizer(int size, Rows kernels) {
    this.size = size;
    this.kernels = kernels;
    this.row = new byte[3 * size];
  }

  /**
   * Scales one picture.
   *
   * @param source [height, width, 3] bytes
   * @param width of the source, pixels
   * @param crop inside the source
   * @param target [size, size, 3] bytes
   */
  public void apply(
      MemorySegment source, int width, Crop crop, boolean mirror, MemorySegment target) {
    if (crop.width() == size && crop.height() == size && !mirror) {
      for (int y = 0; y < size; y++) {
        long from = 3 * ((long) (crop.y() + y) * width + crop.x());
        MemorySegment.copy(source, from, target, (long) y * row.length, row.length);
      }
      return;
    }
    if (across == null || across.length != crop.width() || across.mirrored != mirror) {
      across = new Filter(crop.width(), size, mirror);
      across.table = kernels instanceof VectorRows ? VectorRows.Table.of(across) : null;
    }
    if (down == null || down.length != crop.height()) {
      down = new Filter(crop.height(), size, false);
    }
    int lineBytes = 3 * crop.width();
    if (line.length < lineBytes + Rows.SLACK) {
      line = new byte[lineBytes + Rows.SLACK];
    }
    if (rows.length < crop.height() * row.length) {
      rows = new byte[crop.height() * row.length];
    }
    for (int y = 0; y < crop.height(); y++) {
      long from = 3 * ((long) (crop.y() + y) * width + crop.x());
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, from, line, 0, lineBytes);
      kernels.across(line, across, rows, y * row.length);
    }
    for (int y = 0; y < size; y++) {
      kernels.down(rows, down, y, row);
      MemorySegment.copy(row, 0, target, ValueLayout.JAVA_BYTE, (long) y * row.length, row.length);
    }
  }
}
