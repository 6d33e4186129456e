package dev.tenzing.everest.task.pretraining;

import dev.tenzing.everest.training.Targets;
import dev.tenzing.video.load.Batch;

/** Of a task that makes its targets of the clips themselves and looks at no annotation. */
public enum NoTargets implements Targets {
  /** Nothing. */
  NONE;

  @Override
  public void take(Batch batch) {}
}
