package dev.tenzing.nn.loss;

import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.KlDivergence;

/**
 * Distillation of soft labels (Hinton et al., 2015): {@code T^2 KL(softmax(teacher / T) ||
 * softmax(student / T))}, averaged over the batch.
 *
 * @param temperature T; above 1 it shows the student more of the classes that the teacher did not
 *     choose
 */
public record Distillation(double temperature) {
  /** Rejects a temperature that is not positive. */
  public Distillation {
    if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the temperature of distillation must be above 0, got " + temperature);
    }
  }

  /**
   * Mean loss of a batch.
   *
   * @param student logits [B, K]
   * @param teacher logits [B, K]; take no gradient
   * @return []
   */
  public Tensor loss(Tensor student, Tensor teacher) {
    return KlDivergence.apply(student, teacher, (float) temperature, false);
  }
}
