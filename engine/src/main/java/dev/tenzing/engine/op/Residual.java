package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;
import static dev.tenzing.engine.kernel.Operand.optional;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.ResidualKernels;

/**
 * {@code y = x + sampleScale * gamma * branch}: a residual branch with layer scale (Touvron et al.,
 * CaiT, 2021) and stochastic depth (Huang et al., 2016), where sampleScale is 0 for dropped samples
 * and 1 / (1 - rate) for kept ones. Without layer scale the backward does not need the branch,
 * which may then be {@linkplain Tensor#forget() forgotten}.
 */
public final class Residual {
  private Residual() {}

  /**
   * Adds a branch to its input.
   *
   * @param x [B, N, C]
   * @param branch [B, N, C]
   * @param gamma [C] or null
   * @param sampleScale [B] or null; takes no gradient
   * @return [B, N, C]
   */
  public static Tensor apply(Tensor x, Tensor branch, Tensor gamma, Tensor sampleScale) {
    Device device = Expect.sameDevice("residual", x, branch, gamma, sampleScale);
    Expect.shape("residual", "x", x, -1, -1, -1);
    Expect.shape("residual", "branch", branch, x.shape().toArray());
    int b = Expect.size("residual", x.dim(0));
    int n = Expect.size("residual", x.dim(1));
    int c = Expect.size("residual", x.dim(2));
    Expect.shape("residual", "gamma", gamma, c);
    Expect.shape("residual", "sampleScale", sampleScale, b);
    Expect.dtype("residual", "x", x, DType.F32);
    Expect.dtype("residual", "branch", branch, DType.F32);
    Expect.dtype("residual", "gamma", gamma, DType.F32);
    Expect.dtype("residual", "sampleScale", sampleScale, DType.F32);
    Expect.constant("residual", "sampleScale", sampleScale);
    Tensor y = device.empty(DType.F32, x.shape());
    device
        .kernels()
        .residual()
        .forward(
            new ResidualKernels.Residual(
                of(x), of(branch), optional(gamma), optional(sampleScale), of(y), b, n, c));
    device.record(
        "residual",
        y,
        (gradients, dy) -> {
          boolean wantsGamma = gradients.wants(gamma);
          if (wantsGamma || gradients.wants(branch)) {
            Gradients.Slot dgamma = wantsGamma ? gradients.slot(gamma) : null;
            Tensor dbranch = device.empty(DType.F32, branch.shape());
            device
                .kernels()
                .residual()
                .backward(
                    new ResidualKernels.ResidualBackward(
                        of(dy),
                        optional(wantsGamma ? branch : null),
                        optional(gamma),
                        optional(sampleScale),
                        of(dbranch),
                        of(dgamma),
                        b,
                        n,
                        c));
            gradients.pass(branch, dbranch);
          }
          gradients.pass(x, dy);
        },
        x,
        branch,
        gamma);
    return y;
  }
}
