package dev.tenzing.everest.model;

import dev.tenzing.nn.Block;
import dev.tenzing.nn.SelfAttention;
import java.util.List;

/**
 * Sizes of a vision transformer and of the decoder that pre-trains it.
 *
 * @param name name on the command line, such as {@code vit-s}
 * @param width C
 * @param depth encoder blocks
 * @param heads H
 * @param patch patch side in pixels
 * @param tubelet frames a token
 * @param mlpRatio hidden width of the MLP over C; truncated
 * @param decoderWidth C of the decoder
 * @param decoderDepth decoder blocks
 * @param decoderHeads H of the decoder
 * @param initValues initial layer scale; 0 = none
 * @param layerNormEps epsilon of the layer norms
 * @param decoderMlpRatio hidden width of the decoder's MLP over its C; truncated
 * @param headNormEps epsilon of the norm that a head follows: {@code decoder.norm} and {@code
 *     fc_norm}; Hugging Face's differs from the others
 * @param encoderNorm whether the encoder that is pre-trained ends in a norm; Hugging Face's may not
 * @param attention variant of attention in encoder and decoder
 */
public record VitConfig(
    String name,
    int width,
    int depth,
    int heads,
    int patch,
    int tubelet,
    double mlpRatio,
    int decoderWidth,
    int decoderDepth,
    int decoderHeads,
    double initValues,
    double layerNormEps,
    double decoderMlpRatio,
    double headNormEps,
    boolean encoderNorm,
    SelfAttention.Style attention) {
  /** For tests and CPU demos. */
  public static final VitConfig TINY = standard("tiny", 192, 6, 3, 16, 4, 96, 2, 3);

  /** ViT-S/16. */
  public static final VitConfig SMALL = standard("vit-s", 384, 12, 6, 16, 4, 192, 4, 3);

  /** ViT-B/16. */
  public static final VitConfig BASE = standard("vit-b", 768, 12, 12, 16, 4, 384, 4, 6);

  /** ViT-L/16. */
  public static final VitConfig LARGE = standard("vit-l", 1024, 24, 16, 16, 4, 512, 4, 8);

  /** ViT-H/16. */
  public static final VitConfig HUGE = standard("vit-h", 1280, 32, 16, 16, 4, 512, 4, 8);

  /** ViT-g/14 of VideoMAE V2. */
  public static final VitConfig GIANT = standard("vit-g", 1408, 40, 16, 14, 48.0 / 11, 512, 4, 8);

  /** The named sizes, smallest first. */
  public static final List<VitConfig> ALL = List.of(TINY, SMALL, BASE, LARGE, HUGE, GIANT);

  /** Largest width. */
  public static final int MOST_WIDTH = 1 << 16;

  /** Largest hidden width of an MLP. */
  public static final int MOST_HIDDEN = 1 << 20;

  /** Most blocks. */
  public static final int MOST_DEPTH = 1024;

  private static final int MOST_PATCH = 1024;

  /** Rejects sizes that do not fit together, and such as no model has. */
  public VitConfig {
    if (width < 1 || depth < 1 || heads < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          "the width %s must be a positive multiple of the heads %s, with at least one block"
              .formatted(width, heads));
    }
    if (decoderWidth < 1
        || decoderDepth < 0
        || decoderHeads < 1
        || decoderWidth % decoderHeads != 0) {
      throw new IllegalArgumentException(
          "the decoder width %s must be a positive multiple of its heads %s"
              .formatted(decoderWidth, decoderHeads));
    }
    if (patch < 1 || tubelet < 1 || !(mlpRatio > 0) || !(decoderMlpRatio > 0)) {
      throw new IllegalArgumentException(
          "patch, tubelet and MLP ratios must be positive, got %s, %s, %s and %s"
              .formatted(patch, tubelet, mlpRatio, decoderMlpRatio));
    }
    most("width", width, MOST_WIDTH);
    most("depth", depth, MOST_DEPTH);
    most("decoder width", decoderWidth, MOST_WIDTH);
    most("decoder depth", decoderDepth, MOST_DEPTH);
    most("patch", patch, MOST_PATCH);
    most("tubelet", tubelet, MOST_PATCH);
    most("hidden width of the MLP", width * mlpRatio, MOST_HIDDEN);
    most("hidden width of the decoder's MLP", decoderWidth * decoderMlpRatio, MOST_HIDDEN);
    if (width * mlpRatio < 1 || decoderWidth * decoderMlpRatio < 1) {
      throw new IllegalArgumentException(
          "MLP ratios of %s and %s leave no hidden width".formatted(mlpRatio, decoderMlpRatio));
    }
    if (!(initValues >= 0 && initValues <= 1e6)
        || !(layerNormEps >= 0 && layerNormEps <= 1)
        || !(headNormEps >= 0 && headNormEps <= 1)) {
      throw new IllegalArgumentException(
          "layer scale and epsilons must be small numbers of at least 0, got %s, %s and %s"
              .formatted(initValues, layerNormEps, headNormEps));
    }
  }

  private static void most(String what, double value, int most) {
    if (value > most) {
      throw new IllegalArgumentException(
          "the %s must be at most %s, got %s"
              .formatted(
                  what, most, value == Math.rint(value) ? Long.toString((long) value) : value));
    }
  }

  /**
   * A model as the official code builds it: one MLP ratio, one epsilon, a norm after the encoder,
   * plain attention.
   */
  public VitConfig(
      String name,
      int width,
      int depth,
      int heads,
      int patch,
      int tubelet,
      double mlpRatio,
      int decoderWidth,
      int decoderDepth,
      int decoderHeads,
      double initValues,
      double layerNormEps) {
    this(
        name,
        width,
        depth,
        heads,
        patch,
        tubelet,
        mlpRatio,
        decoderWidth,
        decoderDepth,
        decoderHeads,
        initValues,
        layerNormEps,
        mlpRatio,
        layerNormEps,
        true,
        SelfAttention.Style.STANDARD);
  }

  private static VitConfig standard(
      String name,
      int width,
      int depth,
      int heads,
      int patch,
      double mlpRatio,
      int decoderWidth,
      int decoderDepth,
      int decoderHeads) {
    return new VitConfig(
        name,
        width,
        depth,
        heads,
        patch,
        2,
        mlpRatio,
        decoderWidth,
        decoderDepth,
        decoderHeads,
        0,
        1e-6);
  }

  /**
   * The size of that name.
   *
   * @throws IllegalArgumentException naming the sizes there are
   */
  public static VitConfig named(String name) {
    for (VitConfig config : ALL) {
      if (config.name.equals(name)) {
        return config;
      }
    }
    throw new IllegalArgumentException(
        "there is no model \"%s\"; choose one of %s"
            .formatted(name, String.join(", ", ALL.stream().map(VitConfig::name).toList())));
  }

  /** The same sizes under another name. */
  public VitConfig withName(String other) {
    return new VitConfig(
        other,
        width,
        depth,
        heads,
        patch,
        tubelet,
        mlpRatio,
        decoderWidth,
        decoderDepth,
        decoderHeads,
        initValues,
        layerNormEps,
        decoderMlpRatio,
        headNormEps,
        encoderNorm,
        attention);
  }

  /** The same sizes with another decoder. */
  public VitConfig withDecoder(int width, int depth, int heads) {
    return new VitConfig(
        name,
        this.width,
        this.depth,
        this.heads,
        patch,
        tubelet,
        mlpRatio,
        width,
        depth,
        heads,
        initValues,
        layerNormEps,
        decoderMlpRatio,
        headNormEps,
        encoderNorm,
        attention);
  }

  /** The same sizes with another initial layer scale, 0 for none. */
  public VitConfig withLayerScale(double initial) {
    return new VitConfig(
        name,
        width,
        depth,
        heads,
        patch,
        tubelet,
        mlpRatio,
        decoderWidth,
        decoderDepth,
        decoderHeads,
        initial,
        layerNormEps,
        decoderMlpRatio,
        headNormEps,
        encoderNorm,
        attention);
  }

  /** The same sizes with another variant of attention. */
  public VitConfig withAttention(SelfAttention.Style other) {
    return new VitConfig(
        name,
        width,
        depth,
        heads,
        patch,
        tubelet,
        mlpRatio,
        decoderWidth,
        decoderDepth,
        decoderHeads,
        initValues,
        layerNormEps,
        decoderMlpRatio,
        headNormEps,
        encoderNorm,
        other);
  }

  /** Values of one patch cube: 3 t p p. */
  public int patchValues() {
    return 3 * tubelet * patch * patch;
  }

  /** The blocks of the encoder, with dropout at that rate. */
  Block.Size encoderBlock(double dropout) {
    return new Block.Size(width, heads, mlpRatio, initValues, layerNormEps, attention, dropout);
  }

  /** The blocks of the decoder. */
  Block.Size decoderBlock() {
    return new Block.Size(
        decoderWidth, decoderHeads, decoderMlpRatio, initValues, layerNormEps, attention, 0);
  }
}
