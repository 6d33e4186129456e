package dev.tenzing.video.augment;

import dev.tenzing.video.transform.Crop;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Mixup (Zhang et al.: mixup: beyond empirical risk minimization, ICLR 2018) and CutMix (Yun et
 * al., ICCV 2019): each clip of a batch is blended with another one, or a box of it is replaced by
 * the other's in every frame, and its label with the other's in the same share. Row {@code r} of
 * {@code n} is mixed with row {@code n - 1 - r}; the share is Beta(alpha, alpha) distributed.
 *
 * @param mixup alpha of mixup, 0 for none
 * @param cutmix alpha of CutMix, 0 for none
 * @param probability that a batch, a pair or a row is mixed at all
 * @param switchProbability of CutMix where both are on
 * @param mode what has a draw of its own
 */
public record Mixing(
    double mixup, double cutmix, double probability, double switchProbability, Mode mode) {
  /** What has a draw of its own. */
  public enum Mode {
    /** The batch: one share, one box. */
    BATCH,
    /** Each pair of clips that are mixed with each other. */
    PAIR,
    /** Each clip. */
    ELEM
  }

  public Mixing {
    if (!(mixup >= 0 && cutmix >= 0 && Double.isFinite(mixup) && Double.isFinite(cutmix))) {
      throw new IllegalArgumentException(
          "the alphas of mixup and CutMix cannot be negative, got %s and %s"
              .formatted(mixup, cutmix));
    }
    if (mixup == 0 && cutmix == 0) {
      throw new IllegalArgumentException("mixing needs an alpha above 0 for mixup or CutMix");
    }
    if (!(probability >= 0
        && probability <= 1
        && switchProbability >= 0
        && switchProbability <= 1)) {
      throw new IllegalArgumentException(
          "probabilities of mixing must be from 0 to 1, got %s and %s"
              .formatted(probability, switchProbability));
    }
  }

  /** Draws the mixture of a batch of {@code rows} clips of square pictures. */
  public BatchMix draw(int rows, int size, RandomGenerator random) {
    float[] shares = new float[rows];
    Crop[] boxes = new Crop[rows];
    Arrays.fill(shares, 1);
    int draws =
        switch (mode) {
          case BATCH -> Math.min(rows, 1);
          case PAIR -> rows / 2;
          case ELEM -> rows;
        };
    for (int i = 0; i < draws; i++) {
      boolean mixes = random.nextDouble() < probability;
      boolean cuts = cutmix > 0 && (mixup == 0 || random.nextDouble() < switchProbability);
      double share = mixes ? Beta.draw(cuts ? cutmix : mixup, random) : 1;
      Crop box = mixes && cuts ? box(size, share, random) : null;
      if (box != null) {
        share = 1 - (double) box.width() * box.height() / ((double) size * size);
      }
      switch (mode) {
        case BATCH -> {
          Arrays.fill(shares, (float) share);
          Arrays.fill(boxes, box);
        }
        case PAIR -> {
          shares[i] = shares[rows - 1 - i] = (float) share;
          boxes[i] = boxes[rows - 1 - i] = box;
        }
        case ELEM -> {
          shares[i] = (float) share;
          boxes[i] = box;
        }
      }
    }
    return new BatchMix(shares, boxes);
  }

  /** A box of {@code 1 - share} of the picture around a random point, cut off at the edges. */
  private static Crop box(int size, double share, RandomGenerator random) {
    int side = (int) (size * Math.sqrt(1 - share));
    int y = random.nextInt(size);
    int x = random.nextInt(size);
    int top = Math.max(y - side / 2, 0);
    int left = Math.max(x - side / 2, 0);
    int bottom = Math.min(y + side / 2, size);
    int right = Math.min(x + side / 2, size);
    return new Crop(left, top, right - left, bottom - top);
  }
}
