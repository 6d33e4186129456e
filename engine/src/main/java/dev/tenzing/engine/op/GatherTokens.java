package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.TokenKernels;

/**
 * {@code y[b,m] = x[b, index[b,m]]}: picks tokens of each sample. The gradients of tokens picked
 * more than once add up.
 */
public final class GatherTokens {
  private GatherTokens() {}

  /**
   * Picks tokens.
   *
   * @param x [B, N, C]
   * @param index I32 [B, M], each in 0..N-1
   * @return [B, M, C]
   */
  public static Tensor apply(Tensor x, Tensor index) {
    Device device = Expect.sameDevice("gatherTokens", x, index);
    Expect.shape("gatherTokens", "x", x, -1, -1, -1);
    Expect.shape("gatherTokens", "index", index, x.dim(0), -1);
    Expect.dtype("gatherTokens", "x", x, DType.F32);
    Expect.dtype("gatherTokens", "index", index, DType.I32);
    Expect.indices("gatherTokens", "index", index, x.dim(1));
    int b = Expect.size("gatherTokens", x.dim(0));
    int n = Expect.size("gatherTokens", x.dim(1));
    int c = Expect.size("gatherTokens", x.dim(2));
    int m = Expect.size("gatherTokens", index.dim(1));
    Tensor y = device.empty(DType.F32, Shape.of(b, m, c));
    device
        .kernels()
        .tokens()
        .gather(new TokenKernels.GatherTokens(of(x), of(index), of(y), b, n, m, c));
    device.record(
        "gatherTokens",
        y,
        (gradients, dy) -> {
          Gradients.Slot dx = gradients.slot(x);
          device
              .kernels()
              .tokens()
              .gatherBackward(
                  new TokenKernels.GatherTokensBackward(of(dy), of(index), of(dx), b, n, m, c));
        },
        x);
    return y;
  }
}
