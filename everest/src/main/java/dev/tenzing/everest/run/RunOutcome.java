package dev.tenzing.everest.run;

import dev.tenzing.everest.task.classification.EvaluationResult;
import dev.tenzing.everest.training.TrainingResult;

/**
 * What a run came to.
 *
 * @param result training and evaluation
 * @param record what was written of the run
 */
public record RunOutcome(RunResult result, RunRecord record) {
  /** The training. */
  public TrainingResult training() {
    return result.training();
  }

  /** The accuracy, or null without a list to evaluate on. */
  public EvaluationResult evaluation() {
    return result.evaluation();
  }
}
