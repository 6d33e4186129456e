package dev.tenzing.video.augment;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Some transforms drawn from a list of fifteen, all of one strength (Cubuk et al.: RandAugment:
 * practical automated data augmentation with a reduced search space, 2020), as timm and the
 * official fine-tuning script have it: each drawn transform is skipped half of the time, and
 * magnitudes vary.
 *
 * @param magnitude strength, 0 to 10
 * @param layers transforms drawn for a clip
 * @param magnitudeStd standard deviation of a normal variation of each magnitude; the sum is
 *     limited to 0 to 10
 * @param increasing whether every transform grows stronger with the magnitude; otherwise some grow
 *     weaker, as the first version had it
 */
public record RandAugment(double magnitude, int layers, double magnitudeStd, boolean increasing) {
  private static final int MAX_LEVEL = 10;
  private static final int MAX_LAYERS = 100;
  private static final double PROBABILITY = 0.5;
  private static final Pattern PART = Pattern.compile("(mstd|inc|m|n)(\\d+(?:\\.\\d+)?)");

  /** Transforms to draw from. */
  private enum Kind {
    AUTO_CONTRAST,
    EQUALIZE,
    INVERT,
    ROTATE,
    POSTERIZE,
    SOLARIZE,
    SOLARIZE_ADD,
    COLOR,
    CONTRAST,
    BRIGHTNESS,
    SHARPNESS,
    SHEAR_X,
    SHEAR_Y,
    TRANSLATE_X,
    TRANSLATE_Y
  }

  public RandAugment {
    if (!(magnitude >= 0 && magnitude <= MAX_LEVEL)) {
      throw new IllegalArgumentException(
          "the magnitude m of RandAugment must be from 0 to 10, got " + magnitude);
    }
    if (layers < 1 || layers > MAX_LAYERS) {
      throw new IllegalArgumentException(
          "the number n of RandAugment's transforms must be from 1 to 100, got " + layers);
    }
    if (!(magnitudeStd >= 0 && Double.isFinite(magnitudeStd))) {
      throw new IllegalArgumentException(
          "the deviation mstd of RandAugment cannot be negative, got " + magnitudeStd);
    }
  }

  /**
   * Reads timm's notation: {@code rand} and parts with hyphens between them, in any order: {@code
   * m} magnitude (10), {@code n} transforms (2), {@code mstd} deviation of the magnitude (0),
   * {@code inc} 1 for transforms that grow with the magnitude (0).
   *
   * @throws IllegalArgumentException for anything else, with a sentence that names it
   */
  public static RandAugment parse(String text) {
    String[] parts = text.split("-", -1);
    if (!parts[0].equals("rand")) {
      throw refuse(text, parts[0]);
    }
    double magnitude = MAX_LEVEL;
    int layers = 2;
    double deviation = 0;
    boolean increasing = false;
    for (int i = 1; i < parts.length; i++) {
      Matcher part = PART.matcher(parts[i]);
      if (!part.matches()) {
        throw refuse(text, parts[i]);
      }
      double value = Double.parseDouble(part.group(2));
      if (!part.group(1).equals("mstd") && (value != Math.rint(value) || value > MAX_LAYERS)) {
        throw refuse(text, parts[i]);
      }
      switch (part.group(1)) {
        case "m" -> magnitude = value;
        case "n" -> layers = (int) value;
        case "mstd" -> deviation = value;
        default -> increasing = value != 0;
      }
    }
    return new RandAugment(magnitude, layers, deviation, increasing);
  }

  private static IllegalArgumentException refuse(String text, String part) {
    return new IllegalArgumentException(
        "'%s' in '%s' is not understood; RandAugment is written like rand-m7-n4-mstd0.5-inc1"
            .formatted(part, text));
  }

  /** Draws the transforms of one clip. */
  public List<PictureTransform> draw(RandomGenerator random) {
    List<PictureTransform> transforms = new ArrayList<>();
    Kind[] kinds = Kind.values();
    for (int i = 0; i < layers; i++) {
      Kind kind = kinds[random.nextInt(kinds.length)];
      if (random.nextDouble() < PROBABILITY) {
        double level = magnitude + magnitudeStd * random.nextGaussian();
        transforms.add(transform(kind, Math.clamp(level, 0, MAX_LEVEL) / MAX_LEVEL, random));
      }
    }
    return transforms;
  }

  /** A transform of strength {@code level}, 0 to 1. */
  private PictureTransform transform(Kind kind, double level, RandomGenerator random) {
    return switch (kind) {
      case AUTO_CONTRAST -> new AutoContrast();
      case EQUALIZE -> new Equalize();
      case INVERT -> new Invert();
      case ROTATE -> affine(Affine.Kind.ROTATE, level * 30, random);
      case POSTERIZE -> new Posterize(increasing ? 4 - (int) (level * 4) : (int) (level * 4));
      case SOLARIZE -> new Solarize(increasing ? 256 - (int) (level * 256) : (int) (level * 256));
      case SOLARIZE_ADD -> new SolarizeAdd((int) (level * 110));
      case COLOR -> new Saturation(enhancement(level, random));
      case CONTRAST -> new Contrast(enhancement(level, random));
      case BRIGHTNESS -> new Brightness(enhancement(level, random));
      case SHARPNESS -> new Sharpness(enhancement(level, random));
      case SHEAR_X -> affine(Affine.Kind.SHEAR_X, level * 0.3, random);
      case SHEAR_Y -> affine(Affine.Kind.SHEAR_Y, level * 0.3, random);
      case TRANSLATE_X -> affine(Affine.Kind.TRANSLATE_X, level * 0.45, random);
      case TRANSLATE_Y -> affine(Affine.Kind.TRANSLATE_Y, level * 0.45, random);
    };
  }

  /** A factor of an enhancement: away from 1 to either side, or from 0.1 to 1.9. */
  private float enhancement(double level, RandomGenerator random) {
    return (float) (increasing ? 1 + signed(level * 0.9, random) : level * 1.8 + 0.1);
  }

  private static Affine affine(Affine.Kind kind, double amount, RandomGenerator random) {
    Interpolation between = random.nextBoolean() ? Interpolation.BILINEAR : Interpolation.BICUBIC;
    return new Affine(kind, signed(amount, random), between);
  }

  private static double signed(double value, RandomGenerator random) {
    return random.nextBoolean() ? value : -value;
  }
}
