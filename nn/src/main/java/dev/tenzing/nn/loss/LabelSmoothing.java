package dev.tenzing.nn.loss;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.SoftTargetCrossEntropy;

/**
 * Cross entropy with label smoothing (Szegedy et al., 2016): {@code (1 - s) nll + s mean over
 * classes of -log p}, which is cross entropy against the target {@code (1 - s) onehot + s / K}.
 *
 * @param smoothing s in [0, 1); 0 is plain cross entropy
 */
public record LabelSmoothing(double smoothing) {
  /** Rejects a smoothing outside [0, 1). */
  public LabelSmoothing {
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new IllegalArgumentException(
          "label smoothing must be at least 0 and below 1, got " + smoothing);
    }
  }

  /**
   * Mean loss of a batch.
   *
   * @param logits [B, K]
   * @param labels B classes in 0..K-1
   * @return []
   */
  public Tensor loss(Tensor logits, int[] labels) {
    return SoftTargetCrossEntropy.apply(
        logits, targets(logits.device(), labels, (int) logits.dim(1)));
  }

  /**
   * Mean loss of a batch of mixed clips (mixup, CutMix): the target of clip b is {@code shares[b]}
   * of that of its own label and the rest of that of the other's. A captured step looks at the
   * arrays again when it is replayed.
   *
   * @param logits [B, K]
   * @param labels B classes in 0..K-1
   * @param others B classes in 0..K-1
   * @param shares B shares in 0..1
   * @return []
   */
  public Tensor mixedLoss(Tensor logits, int[] labels, int[] others, float[] shares) {
    int classes = (int) logits.dim(1);
    Tensor target =
        logits
            .device()
            .feed(Shape.of(labels.length, classes), () -> mixed(labels, others, shares, classes));
    return SoftTargetCrossEntropy.apply(logits, target);
  }

  private float[] mixed(int[] labels, int[] others, float[] shares, int classes) {
    float[] targets = targets(labels, classes);
    float[] second = targets(others, classes);
    for (int i = 0; i < targets.length; i++) {
      float share = shares[i / classes];
      targets[i] = share == 1 ? targets[i] : share * targets[i] + (1 - share) * second[i];
    }
    return targets;
  }

  /** The target distributions [B, K]; a captured step looks at the labels again when replayed. */
  public Tensor targets(Device device, int[] labels, int classes) {
    return device.feed(Shape.of(labels.length, classes), () -> targets(labels, classes));
  }

  private float[] targets(int[] labels, int classes) {
    float[] targets = new float[labels.length * classes];
    for (int b = 0; b < labels.length; b++) {
      if (labels[b] < 0 || labels[b] >= classes) {
        throw new IllegalArgumentException(
            "label %s is outside 0 to %s".formatted(labels[b], classes - 1));
      }
      for (int k = 0; k < classes; k++) {
        targets[b * classes + k] =
            (float) (smoothing / classes + (k == labels[b] ? 1 - smoothing : 0));
      }
    }
    return targets;
  }
}
