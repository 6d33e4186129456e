package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;
import static dev.tenzing.engine.kernel.Operand.optional;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.TokenKernels;

/**
 * {@code y[b,m] = x[b,m] + table[index[b,m]]}: adds positions to tokens. The table takes no
 * gradient, as the official code adds it detached: a learnable one is passed detached.
 */
public final class AddPositions {
  private AddPositions() {}

  /**
   * Adds positions.
   *
   * @param x [B, M, C]
   * @param table [N, C]; takes no gradient
   * @param index I32 [B, M] of the tokens' places, or null when token m is at place m
   * @return [B, M, C]
   */
  public static Tensor apply(Tensor x, Tensor table, Tensor index) {
    Device device = Expect.sameDevice("addPositions", x, table, index);
    Expect.shape("addPositions", "x", x, -1, -1, -1);
    Expect.shape("addPositions", "table", table, -1, x.dim(2));
    Expect.shape("addPositions", "index", index, x.dim(0), x.dim(1));
    Expect.dtype("addPositions", "x", x, DType.F32);
    Expect.dtype("addPositions", "table", table, DType.F32);
    Expect.dtype("addPositions", "index", index, DType.I32);
    Expect.constant("addPositions", "table", table);
    Expect.that(
        index != null || table.dim(0) == x.dim(1),
        "addPositions: %s positions for tokens %s",
        table.dim(0),
        x);
    Expect.indices("addPositions", "index", index, table.dim(0));
    int b = Expect.size("addPositions", x.dim(0));
    int n = Expect.size("addPositions", table.dim(0));
    int m = Expect.size("addPositions", x.dim(1));
    int c = Expect.size("addPositions", x.dim(2));
    Tensor y = device.empty(DType.F32, x.shape());
    device
        .kernels()
        .tokens()
        .addRows(new TokenKernels.AddRows(of(x), c, of(table), optional(index), of(y), b, n, m, c));
    device.record("addPositions", y, (gradients, dy) -> gradients.pass(x, dy), x);
    return y;
  }
}
