package dev.tenzing.engine.op;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.TokenKernels;

/**
 * {@code y = x[..., from : from + length, ...]} along one dimension, as {@code torch.narrow} but
 * copied.
 */
public final class Narrow {
  private Narrow() {}

  /** Copies {@code length} entries of dimension {@code dim} from {@code from}. */
  public static Tensor apply(Tensor x, int dim, long from, long length) {
    Device device = x.device();
    Expect.dtype("narrow", "x", x, DType.F32);
    long size = x.dim(dim);
    Expect.that(
        from >= 0 && length >= 0 && length <= size - from,
        "narrow: %s entries from %s on in dimension %s of %s",
        length,
        from,
        dim,
        x);
    Tensor y = device.empty(DType.F32, x.shape().with(dim, length));
    Blocks blocks = Blocks.of(x.shape(), dim);
    device
        .kernels()
        .tokens()
        .copyRows(
            new TokenKernels.CopyRows(
                x.address() + from * blocks.inner(),
                size * blocks.inner(),
                y.address(),
                length * blocks.inner(),
                blocks.outer(),
                length * blocks.inner()));
    device.record(
        "narrow",
        y,
        (gradients, dy) -> {
          Tensor dx = device.zeros(x.shape());
          device
              .kernels()
              .tokens()
              .copyRows(
                  new TokenKernels.CopyRows(
                      dy.address(),
                      length * blocks.inner(),
                      dx.address() + from * blocks.inner(),
                      size * blocks.inner(),
                      blocks.outer(),
                      length * blocks.inner()));
          gradients.pass(x, dx);
        },
        x);
    return y;
  }
}
