package dev.tenzing.everest.masking;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * What becomes of a batch's tokens; indices ascend within a sample.
 *
 * @param visible I32 [B, n] tokens that the encoder sees
 * @param target I32 [B, m] tokens that the decoder fills in
 * @param weight [B, m] weight of each target in the loss: 0 for those that the encoder sees, and
 *     the same for all others of the batch, which makes 1 in all; null when it sees none
 */
public record TokenPlan(Tensor visible, Tensor target, Tensor weight) {
  /** A plan whose targets all count. */
  public TokenPlan(Tensor visible, Tensor target) {
    this(visible, target, null);
  }

  /**
   * The plan of a mask whose masked tokens are all predicted.
   *
   * @param mask B * N values, true = not seen and predicted; every sample must mask equally many
   */
  public static TokenPlan fromMask(Device device, boolean[] mask, int batch) {
    return of(device, new Masks(batch, mask, null));
  }

  /**
   * The plan of dual masking.
   *
   * @param mask B * N values, true = not seen by the encoder; every sample must mask equally many
   * @param decodeMask B * N values, true = not filled in by the decoder; every sample must mask
   *     equally many
   */
  public static TokenPlan fromMasks(
      Device device, boolean[] mask, boolean[] decodeMask, int batch) {
    if (decodeMask.length != mask.length) {
      throw new IllegalArgumentException(
          "the masks of encoder and decoder differ in size: %s and %s tokens"
              .formatted(mask.length, decodeMask.length));
    }
    return of(device, new Masks(batch, mask, decodeMask));
  }

  private static TokenPlan of(Device device, Masks masks) {
    return drawn(
        device,
        Shape.of(masks.batch, masks.visible().length / masks.batch),
        Shape.of(masks.batch, masks.target().length / masks.batch),
        masks.decoder != null,
        () -> masks);
  }

  /**
   * The plan of masks that each step draws again. Their sizes are known before.
   *
   * @param visible [B, n]
   * @param target [B, m]
   * @param dual whether there are decoder masks
   * @param draw gives the masks of the present step
   */
  static TokenPlan drawn(
      Device device, Shape visible, Shape target, boolean dual, Supplier<Masks> draw) {
    Masks[] drawn = new Masks[1];
    Tensor seen =
        device.feedInts(
            visible,
            () -> {
              drawn[0] = draw.get(); // The first feed of a step draws for all.
              return drawn[0].visible();
            });
    Tensor filled = device.feedInts(target, () -> drawn[0].target());
    return new TokenPlan(seen, filled, dual ? device.feed(target, () -> drawn[0].weight()) : null);
  }

  /**
   * The masks of a batch.
   *
   * @param batch B
   * @param encoder B * N values, true = not seen by the encoder
   * @param decoder B * N values, true = not filled in by the decoder; null when it fills in what
   *     the encoder does not see
   */
  record Masks(int batch, boolean[] encoder, boolean[] decoder) {
    int[] visible() {
      return unmasked("mask", encoder);
    }

    int[] target() {
      return decoder == null
          ? unmasked("mask", inverse(encoder))
          : unmasked("decode mask", decoder);
    }

    // The weights hold the division by their number: what is the same in every step is the program,
    // what differs is data.
    float[] weight() {
      int counted = 0;
      int filled = 0;
      for (int i = 0; i < encoder.length; i++) {
        counted += !decoder[i] && encoder[i] ? 1 : 0;
        filled += decoder[i] ? 0 : 1;
      }
      float[] weight = new float[filled];
      int at = 0;
      for (int i = 0; i < encoder.length; i++) {
        if (!decoder[i]) {
          weight[at++] = encoder[i] ? 1f / counted : 0;
        }
      }
      return weight;
    }

    private static boolean[] inverse(boolean[] mask) {
      boolean[] inverse = new boolean[mask.length];
      for (int i = 0; i < mask.length; i++) {
        inverse[i] = !mask[i];
      }
      return inverse;
    }

    private int[] unmasked(String name, boolean[] mask) {
      int tokens = mask.length / batch;
      int[] index = new int[mask.length];
      int count = 0;
      int perSample = 0;
      for (int b = 0; b < batch; b++) {
        for (int i = 0; i < tokens; i++) {
          if (!mask[b * tokens + i]) {
            index[count++] = i;
          }
        }
        perSample = b == 0 ? count : perSample;
        if (count != (b + 1) * perSample) {
          throw new IllegalArgumentException(
              "samples of a batch must mask equally many tokens, but the " + name + " does not");
        }
      }
      return Arrays.copyOf(index, count);
    }
  }
}
