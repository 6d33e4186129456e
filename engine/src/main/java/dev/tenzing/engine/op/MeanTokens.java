package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.ReductionKernels;

/** Mean over the tokens of each sample. */
public final class MeanTokens {
  private MeanTokens() {}

  /**
   * Averages tokens.
   *
   * @param x [B, N, C]
   * @return [B, C]
   */
  public static Tensor apply(Tensor x) {
    Device device = x.device();
    Expect.shape("meanTokens", "x", x, -1, -1, -1);
    Expect.dtype("meanTokens", "x", x, DType.F32);
    int b = Expect.size("meanTokens", x.dim(0));
    int n = Expect.size("meanTokens", x.dim(1));
    int c = Expect.size("meanTokens", x.dim(2));
    Tensor y = device.empty(DType.F32, Shape.of(b, c));
    device
        .kernels()
        .reductions()
        .meanTokens(new ReductionKernels.MeanTokens(of(x), of(y), b, n, c));
    device.record(
        "meanTokens",
        y,
        (gradients, dy) -> {
          Gradients.Slot dx = gradients.slot(x);
          device
              .kernels()
              .reductions()
              .meanTokensBackward(new ReductionKernels.MeanTokensBackward(of(dy), of(dx), b, n, c));
        },
        x);
    return y;
  }
}
