package dev.tenzing.everest.recipe;

import dev.tenzing.video.augment.Augmentation;
import dev.tenzing.video.augment.Augmentation.CropRule;
import dev.tenzing.video.augment.ColorJitter;
import dev.tenzing.video.augment.Mixing;
import dev.tenzing.video.augment.RandAugment;
import dev.tenzing.video.augment.RandomErasing;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How the clips of supervised training are changed at random.
 *
 * @param crop how a part of a picture is chosen
 * @param noMirror whether clips are never mirrored
 * @param autoAugment RandAugment in timm's notation; null for none
 * @param colorJitter brightness, contrast and saturation by factors from 1 - X to 1 + X
 * @param erase probability that a box is erased
 * @param eraseMode what takes its place
 * @param eraseCount boxes at most
 * @param mixup alpha of mixup
 * @param cutmix alpha of CutMix
 * @param mixProb probability that clips are mixed
 * @param mixSwitchProb probability of CutMix where both are on
 * @param mixMode what has a draw of its own
 * @param numSample clips drawn from a video at once
 */
public record AugmentRecipe(
    CropRule crop,
    boolean noMirror,
    String autoAugment,
    double colorJitter,
    double erase,
    RandomErasing.Mode eraseMode,
    int eraseCount,
    double mixup,
    double cutmix,
    double mixProb,
    double mixSwitchProb,
    Mixing.Mode mixMode,
    int numSample) {
  /** Rejects impossible values. */
  public AugmentRecipe {
    DataRecipe.positive("--num-sample", numSample);
    DataRecipe.positive("--erase-count", eraseCount);
    probability("--erase", erase);
    if (!(colorJitter >= 0 && Double.isFinite(colorJitter))) {
      throw new IllegalArgumentException("--color-jitter cannot be negative, got " + colorJitter);
    }
    probability("--mix-prob", mixProb);
    probability("--mix-switch-prob", mixSwitchProb);
    if (!(mixup >= 0 && cutmix >= 0 && Double.isFinite(mixup) && Double.isFinite(cutmix))) {
      throw new IllegalArgumentException(
          "--mixup and --cutmix cannot be negative, got %s and %s".formatted(mixup, cutmix));
    }
    randAugment(autoAugment);
  }

  private static void probability(String option, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(option + " must be from 0 to 1, got " + value);
    }
  }

  /** Clips are cropped, and mirrored where left and right do not matter. */
  public static AugmentRecipe small(boolean mirror) {
    return new AugmentRecipe(
        CropRule.MULTI_SCALE,
        !mirror,
        null,
        0,
        0,
        RandomErasing.Mode.PIXEL,
        1,
        0,
        0,
        1,
        0.5,
        Mixing.Mode.BATCH,
        1);
  }

  /** What happens to each clip. */
  public Augmentation augmentation() {
    return new Augmentation(
        crop,
        !noMirror,
        randAugment(autoAugment),
        colorJitter == 0 ? null : new ColorJitter(colorJitter),
        erase == 0 ? null : new RandomErasing(erase, eraseMode, eraseCount),
        numSample);
  }

  private static RandAugment randAugment(String rule) {
    try {
      return rule == null ? null : RandAugment.parse(rule);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--auto-augment: " + e.getMessage(), e);
    }
  }

  /**
   * How the clips of a forward pass are mixed; null for not at all.
   *
   * @param batch videos a forward pass
   */
  public Mixing mixing(int batch) {
    if (mixup == 0 && cutmix == 0) {
      return null;
    }
    if (batch * numSample < 2) {
      throw new IllegalArgumentException(
          "--mixup and --cutmix mix the clips of a forward pass; --batch 1 has no other clip");
    }
    return new Mixing(mixup, cutmix, mixProb, mixSwitchProb, mixMode);
  }

  Map<String, Object> settings() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("crop", crop);
    all.put("no-mirror", noMirror);
    all.put("auto-augment", autoAugment);
    all.put("color-jitter", colorJitter);
    all.put("erase", erase);
    all.put("erase-mode", eraseMode);
    all.put("erase-count", eraseCount);
    all.put("mixup", mixup);
    all.put("cutmix", cutmix);
    all.put("mix-prob", mixProb);
    all.put("mix-switch-prob", mixSwitchProb);
    all.put("mix-mode", mixMode);
    all.put("num-sample", numSample);
    return all;
  }
}
