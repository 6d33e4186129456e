package dev.tenzing.video.load;

import dev.tenzing.video.augment.Erasure;
import dev.tenzing.video.augment.PictureTransform;
import dev.tenzing.video.transform.Crop;
import java.util.List;

/**
 * What a clip consists of.
 *
 * @param frames indices in ascending order
 * @param pictures changes of each frame, before it is cropped
 * @param crop part of each frame, in pixels of the working size
 * @param mirror left and right exchanged
 * @param erasure the boxes that are painted over last, or null
 */
public record ClipPlan(
    int[] frames, List<PictureTransform> pictures, Crop crop, boolean mirror, Erasure erasure) {

  /** A part of some frames as it is. */
  public ClipPlan(int[] frames, Crop crop) {
    this(frames, List.of(), crop, false, null);
  }
}
