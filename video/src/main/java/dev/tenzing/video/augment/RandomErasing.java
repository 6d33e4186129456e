package dev.tenzing.video.augment;

import dev.tenzing.video.random.KeyedRandom;
import dev.tenzing.video.transform.Crop;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Random boxes are painted over (Zhong et al.: Random erasing data augmentation, AAAI 2020), the
 * same boxes in every frame of a clip.
 *
 * @param probability that a clip loses anything
 * @param mode what takes the place of the pixels
 * @param maxCount boxes at most; their number is drawn between 1 and this, and they share the area
 */
public record RandomErasing(double probability, Mode mode, int maxCount) {
  /** What takes the place of erased pixels; normalised values as the model sees them. */
  public enum Mode {
    /** Zero, which is the mean colour. */
    CONST,
    /** One random colour for each frame, standard normal. */
    RAND,
    /** Noise, standard normal, other in each frame. */
    PIXEL
  }

  private static final double MIN_AREA = 0.02;
  private static final double MAX_AREA = 1 / 3.0;
  private static final double LOG_ASPECT = Math.log(1 / 0.3);
  private static final int TRIES = 100;

  public RandomErasing {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "the probability of erasing must be from 0 to 1, got " + probability);
    }
    if (maxCount < 1) {
      throw new IllegalArgumentException(
          "the number of erased boxes must be at least 1, got " + maxCount);
    }
  }

  /** Draws what is erased of one clip of square pictures; null for nothing. */
  public Erasure draw(int size, RandomGenerator random) {
    if (random.nextDouble() >= probability) {
      return null;
    }
    List<Crop> boxes = new ArrayList<>();
    int count = 1 + random.nextInt(maxCount);
    for (int i = 0; i < count; i++) {
      Crop box = box(size, count, random);
      if (box != null) {
        boxes.add(box);
      }
    }
    return new Erasure(boxes, mode, KeyedRandom.key(random.nextLong()));
  }

  private static Crop box(int size, int count, RandomGenerator random) {
    for (int i = 0; i < TRIES; i++) {
      double area = random.nextDouble(MIN_AREA, MAX_AREA) * size * size / count;
      double aspect = Math.exp(random.nextDouble(-LOG_ASPECT, LOG_ASPECT));
      int height = (int) Math.rint(Math.sqrt(area * aspect));
      int width = (int) Math.rint(Math.sqrt(area / aspect));
      if (width < size && height < size) {
        int y = random.nextInt(size - height + 1);
        int x = random.nextInt(size - width + 1);
        return new Crop(x, y, width, height);
      }
    }
    return null;
  }
}
