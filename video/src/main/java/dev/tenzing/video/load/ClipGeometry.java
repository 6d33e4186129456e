package dev.tenzing.video.load;

import dev.tenzing.video.list.Annotation.Box;
import dev.tenzing.video.transform.Crop;
import dev.tenzing.video.transform.ShortSide;
import java.util.Optional;

/**
 * Which part of a video a clip shows: what its boxes and times follow. Pictures that an
 * augmentation shears, turns or shifts before they are cropped are taken as if they stood still.
 *
 * @param sourceWidth of the upright picture in the file, pixels
 * @param sourceHeight of the upright picture in the file, pixels
 * @param working the size to which that was scaled before anything was cut out
 * @param crop part of it that the clip shows, in pixels of the working size
 * @param mirror left and right exchanged, after cropping
 * @param size side of the clip's square pictures, pixels
 * @param frames numbers of the clip's frames in the file, from 0
 * @param fps average frames a second of the file; 0 when not known, then a second is a frame
 */
public record ClipGeometry(
    int sourceWidth,
    int sourceHeight,
    ShortSide working,
    Crop crop,
    boolean mirror,
    int size,
    int[] frames,
    double fps) {
  /**
   * A rectangle of a clip's pictures.
   *
   * @param left edge in pixels, from 0 to the clip's size; pixel {@code x} reaches from {@code x}
   *     to {@code x + 1}
   * @param top edge
   * @param right edge
   * @param bottom edge
   */
  public record Region(double left, double top, double right, double bottom) {}

  /** Keeps a copy of the numbers. */
  public ClipGeometry {
    frames = frames.clone();
  }

  /** A copy of the numbers. */
  @Override
  public int[] frames() {
    return frames.clone();
  }

  /**
   * When a frame of the clip is shown, in seconds from the first frame of the file. Where a file
   * shows its frames for unequal times, this is an estimate.
   *
   * @param frame place in the clip, from 0
   */
  public double second(int frame) {
    return frames[frame] / (fps > 0 ? fps : 1);
  }

  /**
   * Where the clip shows a box of the source picture: scaled, cut off at the clip's edges,
   * mirrored.
   *
   * @return empty when all of it is outside the clip
   */
  public Optional<Region> region(Box box) {
    double left = across(box.left());
    double right = across(box.right());
    double top = down(box.top());
    double bottom = down(box.bottom());
    if (!(left < right && top < bottom)) {
      return Optional.empty();
    }
    return Optional.of(
        mirror
            ? new Region(size - right, top, size - left, bottom)
            : new Region(left, top, right, bottom));
  }

  private double across(double fraction) {
    return inside((fraction * working.width() - crop.x()) * size / crop.width());
  }

  private double down(double fraction) {
    return inside((fraction * working.height() - crop.y()) * size / crop.height());
  }

  private double inside(double edge) {
    return Math.clamp(edge, 0, size);
  }
}
