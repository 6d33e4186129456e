package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.SoftmaxKernels;

/**
 * Softmax over the last dimension, for reading probabilities. It has no backward: training goes
 * through {@link SoftTargetCrossEntropy}.
 */
public final class Softmax {
  private Softmax() {}

  /** Probabilities of each row of [..., C]. */
  public static Tensor apply(Tensor x) {
    Device device = x.device();
    Expect.dtype("softmax", "x", x, DType.F32);
    int rows = Expect.size("softmax", x.shape().rows());
    int c = Expect.size("softmax", x.dim(-1));
    Tensor y = device.empty(DType.F32, x.shape());
    device.kernels().softmax().forward(new SoftmaxKernels.Softmax(of(x), of(y), rows, c));
    device.record("softmax", y, null, x);
    return y;
  }
}
