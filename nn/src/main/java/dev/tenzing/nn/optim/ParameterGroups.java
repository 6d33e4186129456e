package dev.tenzing.nn.optim;

import dev.tenzing.engine.Shape;
import java.util.Set;

/**
 * How the official code treats parameters by name: which decay, and how much slower lower layers
 * learn.
 *
 * @param depth encoder blocks
 * @param layerDecay factor of the learning rate from one layer to the one below it (Bao et al.,
 *     BEiT, 2022); 1 = none
 * @param scaleDecays whether {@code attn.scale} of cosine attention decays: it does in the EVEREST
 *     code, not in VideoMAE V2's
 */
public record ParameterGroups(int depth, double layerDecay, boolean scaleDecays) {
  private static final Set<String> NO_DECAY = Set.of("pos_embed", "cls_token", "mask_token");

  /** Rejects a layer decay outside (0, 1]. */
  public ParameterGroups {
    if (!(layerDecay > 0 && layerDecay <= 1)) {
      throw new IllegalArgumentException(
          "the layer decay must be above 0 and at most 1, got " + layerDecay);
    }
  }

  /** One learning rate for all layers. */
  public static ParameterGroups flat() {
    return new ParameterGroups(0, 1, true);
  }

  /** Vectors, biases, positions and tokens do not decay. */
  public boolean decays(String name, Shape shape) {
    return !(shape.rank() == 1
        || name.endsWith(".bias")
        || NO_DECAY.contains(name)
        || !scaleDecays && name.endsWith(".scale"));
  }

  /** Factor of the learning rate: layerDecay to the power of the number of layers above. */
  public double lrScale(String name) {
    return layerDecay == 1 ? 1 : Math.pow(layerDecay, depth + 1 - layer(name));
  }

  private int layer(String name) {
    if (NO_DECAY.contains(name) || name.startsWith("patch_embed")) {
      return 0;
    }
    if (name.startsWith("blocks.")) {
      return Integer.parseInt(name.substring(7, name.indexOf('.', 7))) + 1;
    }
    return depth + 1;
  }
}
