package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;
import dev.tenzing.video.transform.MultiScaleCrop;
import dev.tenzing.video.transform.RandomResizedCrop;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What happens to the clips of supervised training, in this order: the pictures change, a part of
 * them is cut out, perhaps mirrored, and boxes are painted over.
 *
 * @param crop which part is cut out
 * @param mirror half of the clips are mirrored; not where left and right are part of the label
 * @param randAugment of the pictures, or null
 * @param jitter of colours, or null
 * @param erasing of boxes, or null
 * @param samples clips drawn from a video at once, each on its own (Hoffer et al.: Augment your
 *     batch, CVPR 2020)
 */
public record Augmentation(
    CropRule crop,
    boolean mirror,
    RandAugment randAugment,
    ColorJitter jitter,
    RandomErasing erasing,
    int samples) {
  /** How a part of a picture is chosen. */
  public enum CropRule {
    /** {@link MultiScaleCrop}: keeps most of the picture; for small data sets. */
    MULTI_SCALE,
    /** {@link RandomResizedCrop}: 8 to 100 % of the area, as the official script. */
    RESIZED;

    /** Draws a part of a picture that will be scaled to {@code size}. */
    public Crop draw(int width, int height, int size, RandomGenerator random) {
      return this == MULTI_SCALE
          ? MultiScaleCrop.draw(width, height, size, random)
          : RandomResizedCrop.FINETUNING.draw(width, height, random);
    }
  }

  public Augmentation {
    if (samples < 1) {
      throw new IllegalArgumentException(
          "at least 1 clip must be drawn from a video, not " + samples);
    }
  }

  /** Crops and mirroring alone. */
  public static Augmentation cropsOnly(CropRule crop, boolean mirror) {
    return new Augmentation(crop, mirror, null, null, null, 1);
  }

  /** Draws the changes of the pictures of one clip. */
  public List<PictureTransform> pictures(RandomGenerator random) {
    List<PictureTransform> transforms = new ArrayList<>();
    if (randAugment != null) {
      transforms.addAll(randAugment.draw(random));
    }
    if (jitter != null) {
      transforms.addAll(jitter.draw(random));
    }
    return transforms;
  }

  /** Draws what is erased of one clip of square pictures; null for nothing. */
  public Erasure erasure(int size, RandomGenerator random) {
    return erasing == null ? null : erasing.draw(size, random);
  }
}
