package dev.tenzing.engine.op;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.TokenKernels;

/** Joins tensors along one dimension, as {@code torch.cat}. */
public final class Concat {
  private Concat() {}

  /** Joins tensors whose other dimensions are equal along dimension {@code dim}. */
  public static Tensor apply(int dim, Tensor... parts) {
    Expect.that(parts.length > 0, "concat: nothing to join");
    Tensor first = parts[0];
    Device device = Expect.sameDevice("concat", first, parts);
    long total = 0;
    for (Tensor part : parts) {
      Expect.dtype("concat", "part", part, DType.F32);
      Expect.that(
          part.shape().with(dim, 0).equals(first.shape().with(dim, 0)),
          "concat: shapes differ outside dimension %s, %s and %s",
          dim,
          first,
          part);
      total += part.dim(dim);
    }
    long sum = total;
    Tensor y = device.empty(DType.F32, first.shape().with(dim, sum));
    Blocks blocks = Blocks.of(y.shape(), dim);
    long row = sum * blocks.inner();
    long offset = 0;
    for (Tensor part : parts) {
      long width = part.dim(dim) * blocks.inner();
      device
          .kernels()
          .tokens()
          .copyRows(
              new TokenKernels.CopyRows(
                  part.address(), width, y.address() + offset, row, blocks.outer(), width));
      offset += width;
    }
    device.record(
        "concat",
        y,
        (gradients, dy) -> {
          long at = 0;
          for (Tensor part : parts) {
            long width = part.dim(dim) * blocks.inner();
            if (gradients.wants(part)) {
              Tensor dpart = device.empty(DType.F32, part.shape());
              device
                  .kernels()
                  .tokens()
                  .copyRows(
                      new TokenKernels.CopyRows(
                          dy.address() + at, row, dpart.address(), width, blocks.outer(), width));
              gradients.pass(part, dpart);
            }
            at += width;
          }
        },
        parts);
    return y;
  }
}
