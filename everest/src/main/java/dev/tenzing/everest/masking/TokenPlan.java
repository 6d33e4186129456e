package dev.tenzing.everest.masking;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import java.util.Arrays;

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
    return new TokenPlan(
        unmasked(device, "mask", mask, batch), unmasked(device, "mask", inverse(mask), batch));
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
          "the masks of encoder and decoder differ in size: %d and %d tokens"
              .formatted(mask.length, decodeMask.length));
    }
    Tensor target = unmasked(device, "decode mask", decodeMask, batch);
    return new TokenPlan(
        unmasked(device, "mask", mask, batch), target, weight(target, mask, decodeMask));
  }

  // The weights hold the division by their number: what is the same in every step is the program,
  // what differs is data.
  private static Tensor weight(Tensor target, boolean[] mask, boolean[] decodeMask) {
    int counted = 0;
    for (int i = 0; i < mask.length; i++) {
      counted += !decodeMask[i] && mask[i] ? 1 : 0;
    }
    float[] weight = new float[(int) target.size()];
    int at = 0;
    for (int i = 0; i < mask.length; i++) {
      if (!decodeMask[i]) {
        weight[at++] = mask[i] ? 1f / counted : 0;
      }
    }
    return target.device().tensor(target.shape(), weight);
  }

  private static boolean[] inverse(boolean[] mask) {
    boolean[] inverse = new boolean[mask.length];
    for (int i = 0; i < mask.length; i++) {
      inverse[i] = !mask[i];
    }
    return inverse;
  }

  private static Tensor unmasked(Device device, String name, boolean[] mask, int batch) {
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
    return device.tensor(Shape.of(batch, perSample), Arrays.copyOf(index, count));
  }
}
