package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;
import java.util.function.IntUnaryOperator;

/**
 * A change that gives each value of a channel another value wherever it stands. The picture only
 * notes it: consecutive ones become one table and one pass over the pixels.
 */
interface PointTransform extends PictureTransform {
  /** Whether the new values depend on what is in the whole picture. */
  default boolean looksAtPicture() {
    return false;
  }

  @Override
  default Crop reads(Crop wanted, int width, int height) {
    return looksAtPicture() ? new Crop(0, 0, width, height) : wanted;
  }

  /** The new value of each value, limited to a byte. */
  static byte[] table(IntUnaryOperator change) {
    byte[] table = new byte[256];
    for (int v = 0; v < 256; v++) {
      table[v] = (byte) Math.clamp(change.applyAsInt(v), 0, 255);
    }
    return table;
  }
}
