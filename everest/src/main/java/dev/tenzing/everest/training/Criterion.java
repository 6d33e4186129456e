package dev.tenzing.everest.training;

import dev.tenzing.engine.Tensor;
import dev.tenzing.nn.loss.LabelSmoothing;

/** What a classifier is to learn from a batch. */
@FunctionalInterface
public interface Criterion {
  /**
   * Loss of a batch.
   *
   * @param logits [B, K]
   * @param video [B, 3, T, H, W] what the classifier saw
   * @param labels classes of the clips
   * @return []
   */
  Tensor loss(Tensor logits, Tensor video, ClipLabels labels);

  /** Cross entropy against labels smoothed by {@code smoothing}. */
  static Criterion labels(double smoothing) {
    LabelSmoothing criterion = new LabelSmoothing(smoothing);
    return (logits, video, labels) ->
        criterion.mixedLoss(logits, labels.own(), labels.other(), labels.shares());
  }
}
