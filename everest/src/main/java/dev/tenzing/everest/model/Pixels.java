package dev.tenzing.everest.model;

/**
 * Normalisation of pixels by the ImageNet statistics, as all reference code does: (k / 255 - mean)
 * / std for red, green, blue.
 */
public final class Pixels {
  /** Mean of red, green, blue. */
  public static final float[] MEAN = {0.485f, 0.456f, 0.406f};

  /** Standard deviation of red, green, blue. */
  public static final float[] STD = {0.229f, 0.224f, 0.225f};

  private Pixels() {}
}
