package dev.tenzing.nn;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;

/**
 * Embedding of cubes of t frames by p x p pixels: a Conv3d whose stride is its kernel, which is a
 * linear layer on patchified video.
 *
 * @param weight Conv3d weight [C, 3, t, p, p]
 * @param bias [C]
 */
public record PatchEmbed(Tensor weight, Tensor bias) {
  /** An embedding into width C, with PyTorch's default convolution initialisation. */
  public static PatchEmbed create(Parameters p, long c, int tubelet, int patch) {
    long fanIn = 3L * tubelet * patch * patch;
    Tensor weight =
        p.add("weight", Shape.of(c, 3, tubelet, patch, patch), Initializer.fanIn(fanIn));
    return new PatchEmbed(weight, p.add("bias", Shape.of(c), Initializer.fanIn(fanIn)));
  }

  /**
   * Embeds patches.
   *
   * @param patches [B, N, 3 t p p] as {@link dev.tenzing.engine.op.Patchify} makes them
   * @return [B, N, C]
   */
  public Tensor forward(Tensor patches) {
    Tensor matrix =
        weight.reshape(weight.dim(0), weight.size() / weight.dim(0)).named(weight.name());
    return dev.tenzing.engine.op.Linear.apply(patches, matrix, bias);
  }
}
