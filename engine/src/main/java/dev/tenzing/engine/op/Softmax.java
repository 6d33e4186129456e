package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.SoftmaxKernels;

/**
 * Softmax over the last dimension. A loss of class probabilities is better taken through {@link
 * SoftTargetCrossEntropy}, which loses no small ones.
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
    device.record(
        "softmax",
        y,
        (gradients, dy) -> {
          Gradients.Slot dx = gradients.slot(x);
          device
              .kernels()
              .softmax()
              .backward(new SoftmaxKernels.SoftmaxBackward(of(y), of(dy), of(dx), rows, c));
        },
        x);
    return y;
  }
}
