package dev.tenzing.everest.checkpoint;

import dev.tenzing.everest.model.VitConfig;
import java.util.Optional;

/** What the known sizes say of a model whose checkpoint does not. */
final class Sizes {
  private Sizes() {}

  /**
   * The MLP ratio that gives exactly this hidden width, which the models truncate to.
   *
   * @throws IllegalArgumentException when one of them is no width
   */
  static double ratio(int hidden, int width) {
    if (hidden < 1 || width < 1) {
      throw new IllegalArgumentException(
          "an MLP of %s over a width of %s is none".formatted(hidden, width));
    }
    double ratio = (double) hidden / width;
    while ((int) (width * ratio) < hidden) {
      ratio = Math.nextUp(ratio);
    }
    return ratio;
  }

  /** The config under the name of the known size whose encoder it has, if any. */
  static VitConfig named(VitConfig config) {
    String name =
        VitConfig.ALL.stream()
            .filter(known -> sameEncoder(known, config))
            .map(VitConfig::name)
            .findFirst()
            .orElse("custom");
    return config.withName(name);
  }

  private static boolean sameEncoder(VitConfig a, VitConfig b) {
    return a.width() == b.width()
        && a.depth() == b.depth()
        && a.heads() == b.heads()
        && a.patch() == b.patch()
        && a.tubelet() == b.tubelet()
        && (int) (a.width() * a.mlpRatio()) == (int) (b.width() * b.mlpRatio());
  }

  /** The known size of that width. */
  static Optional<VitConfig> ofWidth(int width) {
    return VitConfig.ALL.stream().filter(known -> known.width() == width).findFirst();
  }

  /** Heads of a decoder of that width in the official models; 0 when none has it. */
  static int decoderHeads(int width) {
    return switch (width) {
      case 96, 192 -> 3;
      case 384 -> 6;
      case 512, 640 -> 8;
      default -> 0;
    };
  }
}
