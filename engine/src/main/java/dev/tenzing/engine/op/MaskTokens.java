package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.ReductionKernels;
import dev.tenzing.engine.kernel.TokenKernels;

/**
 * {@code y[b,m] = token + table[index[b,m]]}: the mask tokens that a decoder is to fill in, one for
 * each place.
 */
public final class MaskTokens {
  private MaskTokens() {}

  /**
   * Makes mask tokens.
   *
   * @param token C elements in any shape
   * @param table [N, C] positions; takes no gradient
   * @param index I32 [B, M]
   * @return [B, M, C]
   */
  public static Tensor apply(Tensor token, Tensor table, Tensor index) {
    Device device = Expect.sameDevice("maskTokens", token, table, index);
    Expect.shape("maskTokens", "table", table, -1, token.size());
    Expect.shape("maskTokens", "index", index, -1, -1);
    Expect.dtype("maskTokens", "token", token, DType.F32);
    Expect.dtype("maskTokens", "table", table, DType.F32);
    Expect.dtype("maskTokens", "index", index, DType.I32);
    Expect.constant("maskTokens", "table", table);
    Expect.indices("maskTokens", "index", index, table.dim(0));
    int b = Expect.size("maskTokens", index.dim(0));
    int n = Expect.size("maskTokens", table.dim(0));
    int m = Expect.size("maskTokens", index.dim(1));
    int c = Expect.size("maskTokens", token.size());
    int rows = Expect.size("maskTokens", index.size());
    Tensor y = device.empty(DType.F32, Shape.of(b, m, c));
    device
        .kernels()
        .tokens()
        .addRows(new TokenKernels.AddRows(of(token), 0, of(table), of(index), of(y), b, n, m, c));
    device.record(
        "maskTokens",
        y,
        (gradients, dy) -> {
          Gradients.Slot dtoken = gradients.slot(token);
          device
              .kernels()
              .reductions()
              .sumRows(new ReductionKernels.SumRows(of(dy), of(dtoken), rows, c));
        },
        token);
    return y;
  }
}
