package dev.tenzing.video.augment;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Brightness, contrast and saturation each changed by a random factor, in random order (Howard:
 * Some improvements on deep convolutional neural network based image classification, 2013;
 * torchvision's {@code ColorJitter}).
 *
 * @param strength factors lie between 1 - strength and 1 + strength, never below 0
 */
public record ColorJitter(double strength) {
  public ColorJitter {
    if (!(strength > 0 && Double.isFinite(strength))) {
      throw new IllegalArgumentException("colour jitter must be above 0, got " + strength);
    }
  }

  /** Draws the changes of one clip. */
  public List<PictureTransform> draw(RandomGenerator random) {
    List<PictureTransform> transforms = new ArrayList<>();
    transforms.add(new Brightness(factor(random)));
    transforms.add(new Contrast(factor(random)));
    transforms.add(new Saturation(factor(random)));
    for (int i = transforms.size() - 1; i > 0; i--) {
      Collections.swap(transforms, i, random.nextInt(i + 1));
    }
    return transforms;
  }

  private float factor(RandomGenerator random) {
    return (float) random.nextDouble(Math.max(0, 1 - strength), 1 + strength);
  }
}
