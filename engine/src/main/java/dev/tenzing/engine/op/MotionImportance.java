package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.RankingKernels;

/**
 * How much each token differs from the one at the same place a slot earlier: the L2 distance of
 * their embeddings (Hwang et al., EVEREST, 2024, equation 2); slot 0 takes slot 1's value. It has
 * no backward: selection passes no gradient.
 */
public final class MotionImportance {
  private MotionImportance() {}

  /**
   * Measures importance.
   *
   * @param tokens [B, N, C] with N = slots * L
   * @param slots temporal slots
   * @return [B, N]
   */
  public static Tensor apply(Tensor tokens, int slots) {
    Device device = tokens.device();
    Expect.dtype("motionImportance", "tokens", tokens, DType.F32);
    Expect.shape("motionImportance", "tokens", tokens, -1, -1, -1);
    Expect.that(
        slots > 0 && tokens.dim(1) % slots == 0,
        "motionImportance: tokens %s do not divide into %s slots",
        tokens,
        slots);
    int b = Expect.size("motionImportance", tokens.dim(0));
    int perSlot = Expect.size("motionImportance", tokens.dim(1) / slots);
    int c = Expect.size("motionImportance", tokens.dim(2));
    Tensor y = device.empty(DType.F32, Shape.of(b, tokens.dim(1)));
    device
        .kernels()
        .ranking()
        .motionImportance(
            new RankingKernels.MotionImportance(of(tokens), of(y), b, slots, perSlot, c));
    device.record("motionImportance", y, null, tokens);
    return y;
  }
}
