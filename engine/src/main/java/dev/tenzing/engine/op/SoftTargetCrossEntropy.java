package dev.tenzing.engine.op;

import static dev.tenzing.engine.kernel.Operand.of;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.Gradients;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.kernel.LossKernels;

/**
 * Cross entropy against a distribution over classes: {@code mean over rows of -sum target log
 * softmax(logits)}.
 */
public final class SoftTargetCrossEntropy {
  private SoftTargetCrossEntropy() {}

  /**
   * Computes the loss.
   *
   * @param logits [B, K]
   * @param target [B, K]; takes no gradient
   * @return []
   */
  public static Tensor apply(Tensor logits, Tensor target) {
    Device device = Expect.sameDevice("softTargetCrossEntropy", logits, target);
    Expect.dtype("softTargetCrossEntropy", "logits", logits, DType.F32);
    Expect.dtype("softTargetCrossEntropy", "target", target, DType.F32);
    Expect.constant("softTargetCrossEntropy", "target", target);
    Expect.shape("softTargetCrossEntropy", "logits", logits, -1, -1);
    Expect.shape("softTargetCrossEntropy", "target", target, logits.dim(0), logits.dim(1));
    Expect.that(logits.size() > 0, "softTargetCrossEntropy: logits %s has no elements", logits);
    int rows = Expect.size("softTargetCrossEntropy", logits.dim(0));
    int classes = Expect.size("softTargetCrossEntropy", logits.dim(1));
    Tensor logProbability = device.empty(DType.F32, logits.shape());
    Tensor loss = device.empty(DType.F32, Shape.SCALAR);
    device
        .kernels()
        .losses()
        .crossEntropy(
            new LossKernels.SoftTargetCrossEntropy(
                of(logits), of(target), of(logProbability), of(loss), rows, classes));
    device.record(
        "softTargetCrossEntropy",
        loss,
        new Tensor[] {logProbability},
        (gradients, dloss) -> {
          Gradients.Slot dlogits = gradients.slot(logits);
          device
              .kernels()
              .losses()
              .crossEntropyBackward(
                  new LossKernels.SoftTargetCrossEntropyBackward(
                      of(dloss), of(logProbability), of(target), of(dlogits), rows, classes));
        },
        logits);
    return loss;
  }
}
