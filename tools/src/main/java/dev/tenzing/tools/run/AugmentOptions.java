package dev.tenzing.tools.run;

import dev.tenzing.everest.recipe.AugmentRecipe;
import dev.tenzing.tools.cli.Heading;
import dev.tenzing.video.augment.Augmentation.CropRule;
import dev.tenzing.video.augment.Mixing;
import dev.tenzing.video.augment.RandomErasing;
import picocli.CommandLine.Option;

/**
 * How the clips of supervised training are changed at random. By default they are cropped and
 * mirrored only, which suits small data sets; the official recipe asks for the rest.
 */
@Heading("Augmentation")
public final class AugmentOptions {
  /** Crops. */
  @Option(
      names = "--crop",
      defaultValue = "multi_scale",
      description =
          "multi_scale keeps most of the picture, resized 8 to 100 %% of its area (default:"
              + " ${DEFAULT-VALUE})")
  public CropRule crop = CropRule.MULTI_SCALE;

  /** Mirroring. */
  @Option(names = "--no-mirror", description = "never mirror clips: where left and right matter")
  public boolean noMirror;

  /** RandAugment. */
  @Option(
      names = "--auto-augment",
      paramLabel = "RULE",
      description =
          "RandAugment in timm's notation, officially rand-m7-n4-mstd0.5-inc1 (default: none)")
  public String autoAugment;

  /** Colour jitter. */
  @Option(
      names = "--color-jitter",
      defaultValue = "0",
      paramLabel = "X",
      description =
          "brightness, contrast and saturation by factors from 1 - X to 1 + X (default:"
              + " ${DEFAULT-VALUE}, none)")
  public double colorJitter;

  /** Random erasing. */
  @Option(
      names = "--erase",
      defaultValue = "0",
      paramLabel = "P",
      description =
          "probability that a box of a clip is erased; officially 0.25 (default: ${DEFAULT-VALUE})")
  public double erase;

  /** What takes the place of what is erased. */
  @Option(
      names = "--erase-mode",
      defaultValue = "pixel",
      description =
          "pixel: noise, rand: a random colour, const: the mean colour (default: ${DEFAULT-VALUE})")
  public RandomErasing.Mode eraseMode = RandomErasing.Mode.PIXEL;

  /** How many boxes are erased. */
  @Option(
      names = "--erase-count",
      defaultValue = "1",
      paramLabel = "N",
      description = "boxes at most (default: ${DEFAULT-VALUE})")
  public int eraseCount = 1;

  /** Mixup. */
  @Option(
      names = "--mixup",
      defaultValue = "0",
      paramLabel = "ALPHA",
      description =
          "alpha of mixup, which blends clips and labels; officially 0.8 (default:"
              + " ${DEFAULT-VALUE}, none)")
  public double mixup;

  /** CutMix. */
  @Option(
      names = "--cutmix",
      defaultValue = "0",
      paramLabel = "ALPHA",
      description =
          "alpha of CutMix, which puts a box of one clip into another; officially 1.0 (default:"
              + " ${DEFAULT-VALUE}, none)")
  public double cutmix;

  /** Probability of mixing. */
  @Option(
      names = "--mix-prob",
      defaultValue = "1",
      paramLabel = "P",
      description = "probability that clips are mixed (default: ${DEFAULT-VALUE})")
  public double mixProb = 1;

  /** Probability of CutMix. */
  @Option(
      names = "--mix-switch-prob",
      defaultValue = "0.5",
      paramLabel = "P",
      description = "probability of CutMix where both are on (default: ${DEFAULT-VALUE})")
  public double mixSwitchProb = 0.5;

  /** What has a draw of its own. */
  @Option(
      names = "--mix-mode",
      defaultValue = "batch",
      description =
          "batch, pair or elem: what has a share and a box of its own (default: ${DEFAULT-VALUE})")
  public Mixing.Mode mixMode = Mixing.Mode.BATCH;

  /** Repeated augmentation. */
  @Option(
      names = "--num-sample",
      defaultValue = "1",
      paramLabel = "N",
      description =
          "clips drawn from a video at once, so that a forward pass has N x --batch of them;"
              + " officially 2 (default: ${DEFAULT-VALUE})")
  public int numSample = 1;

  /** The changes asked for. */
  AugmentRecipe recipe() {
    return new AugmentRecipe(
        crop,
        noMirror,
        autoAugment,
        colorJitter,
        erase,
        eraseMode,
        eraseCount,
        mixup,
        cutmix,
        mixProb,
        mixSwitchProb,
        mixMode,
        numSample);
  }
}
