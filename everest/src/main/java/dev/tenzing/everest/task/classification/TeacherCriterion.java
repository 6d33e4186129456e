package dev.tenzing.everest.task.classification;

import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Add;
import dev.tenzing.engine.op.Scale;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.nn.loss.Distillation;

/**
 * A student learns the soft labels that a teacher gives to the very clip the student sees, with all
 * its augmentation (Beyer et al., "Knowledge distillation: A good teacher is patient and
 * consistent", CVPR 2022), as VideoMAE V2 makes its small models from ViT-g.
 *
 * @param teacher sees the same clips and has the same classes; it is neither recorded nor changed
 * @param distillation divergence from its classes
 * @param alpha share of that divergence in the loss; the rest is that of the labels, which nobody
 *     looks at when it is 1
 * @param labels loss of the labels
 */
public record TeacherCriterion(
    VideoClassifier teacher, Distillation distillation, double alpha, Criterion labels)
    implements Criterion {
  /** Rejects a share outside (0, 1]. */
  public TeacherCriterion {
    if (!(alpha > 0 && alpha <= 1)) {
      throw new IllegalArgumentException(
          "the teacher's share of the loss must be above 0 and at most 1, got " + alpha);
    }
  }

  /** The teacher's logits. */
  @Override
  public Tensor softLabels(Tensor video) {
    try (Scope scope = video.device().scope()) {
      return scope.escape(teacher.logits(video));
    }
  }

  @Override
  public Tensor loss(Tensor logits, Tensor softLabels, ClipLabels clipLabels) {
    Tensor divergence = distillation.loss(logits, softLabels);
    return alpha == 1
        ? divergence
        : Add.apply(
            Scale.apply(divergence, (float) alpha),
            Scale.apply(labels.loss(logits, softLabels, clipLabels), (float) (1 - alpha)));
  }
}
