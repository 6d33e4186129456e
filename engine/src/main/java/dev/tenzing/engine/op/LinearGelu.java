package dev.tenzing.engine.op;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;

/**
 * {@code y = gelu(x W^T + b)} with the erf form of GELU (Hendrycks & Gimpel, 2016): the first half
 * of a transformer's MLP. The value before GELU is kept for the backward, and only then.
 */
public final class LinearGelu {
  private LinearGelu() {}

  /**
   * Applies a linear layer and GELU to the last dimension.
   *
   * @param x [..., K]
   * @param weight [N, K]
   * @param bias [N] or null
   * @return [..., N], of the type of {@linkplain Device#activations() activations}
   */
  public static Tensor apply(Tensor x, Tensor weight, Tensor bias) {
    Device device = Expect.sameDevice("linearGelu", x, weight, bias);
    Expect.shape("linearGelu", "weight", weight, -1, -1);
    Expect.that(
        weight.dim(1) == x.dim(-1), "linearGelu: inner sizes differ, x=%s weight=%s", x, weight);
    Expect.shape("linearGelu", "bias", bias, weight.dim(0));
    Expect.activation("linearGelu", "x", x);
    Expect.dtype("linearGelu", "weight", weight, DType.F32);
    Expect.dtype("linearGelu", "bias", bias, DType.F32);
    int rows = Expect.size("linearGelu", x.shape().rows());
    int n = Expect.size("linearGelu", weight.dim(0));
    int inner = Expect.size("linearGelu", x.dim(-1));
    Tensor y = device.empty(device.activations(), x.shape().with(-1, n));
    boolean recorded = device.records(x, weight, bias);
    Tensor pre = recorded ? device.empty(y.dtype(), y.shape()) : null;
    device
        .kernels()
        .linearGelu(
            x.address(),
            x.dtype(),
            weight.address(),
            Linear.address(bias),
            Linear.address(pre),
            y.address(),
            y.dtype(),
            rows,
            n,
            inner);
    if (recorded) {
      device.record(
          "linearGelu",
          y,
          new Tensor[] {pre},
          (gradients, dy) -> {
            device
                .kernels()
                .geluBackward(pre.address(), dy.address(), dy.address(), dy.dtype(), dy.size());
            Linear.backward(gradients, dy, x, weight, bias, rows, n, inner);
          },
          x,
          weight,
          bias);
    }
    return y;
  }
}
