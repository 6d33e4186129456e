package dev.tenzing.everest.task.classification;

import dev.tenzing.engine.Tensor;
import dev.tenzing.nn.loss.LabelSmoothing;

/** What a classifier is to learn from a batch. */
@FunctionalInterface
public interface Criterion {
  /**
   * What it learns of the clips beside their labels.
   *
   * @param video [B, 3, T, H, W] what the classifier sees
   * @return for {@link #loss}, or null for nothing
   */
  default Tensor softLabels(Tensor video) {
    return null;
  }

  /**
   * Loss of a batch.
   *
   * @param logits [B, K]
   * @param softLabels as {@link #softLabels} gave them
   * @param labels classes of the clips
   * @return []
   */
  Tensor loss(Tensor logits, Tensor softLabels, ClipLabels labels);

  /** Cross entropy against labels smoothed by {@code smoothing}. */
  static Criterion labels(double smoothing) {
    LabelSmoothing criterion = new LabelSmoothing(smoothing);
    return (logits, softLabels, labels) ->
        criterion.mixedLoss(logits, labels.own(), labels.other(), labels.shares());
  }
}
