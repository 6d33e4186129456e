package dev.tenzing.everest.masking;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;

/**
 * What becomes of a batch's tokens; indices ascend within a sample.
 *
 * @param visible I32 [B, n] tokens that the encoder sees
 * @param target I32 [B, m] tokens that the decoder predicts and the loss counts
 */
public record TokenPlan(Tensor visible, Tensor target) {
  /**
   * The plan of an explicit mask.
   *
   * @param mask B * N values, true = not seen and predicted; every sample must mask equally many
   */
  public static TokenPlan fromMask(Device device, boolean[] mask, int batch, int tokens) {
    int masked = 0;
    for (int i = 0; i < tokens; i++) {
      masked += mask[i] ? 1 : 0;
    }
    int[] visible = new int[batch * (tokens - masked)];
    int[] target = new int[batch * masked];
    for (int b = 0; b < batch; b++) {
      int v = b * (tokens - masked);
      int t = b * masked;
      for (int i = 0; i < tokens; i++) {
        if (mask[b * tokens + i]) {
          if (t == (b + 1) * masked) {
            throw new IllegalArgumentException("samples of a batch must mask equally many tokens");
          }
          target[t++] = i;
        } else if (v < (b + 1) * (tokens - masked)) {
          visible[v++] = i;
        }
      }
      if (t != (b + 1) * masked) {
        throw new IllegalArgumentException("samples of a batch must mask equally many tokens");
      }
    }
    return new TokenPlan(
        device.tensor(Shape.of(batch, tokens - masked), visible),
        device.tensor(Shape.of(batch, masked), target));
  }
}
