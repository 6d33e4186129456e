package dev.tenzing.everest.run;

import dev.tenzing.everest.task.classification.ListEvaluation;
import dev.tenzing.everest.training.TrainingListener;
import java.io.IOException;
import java.util.Map;

/** Hears how a whole run goes; what it does with that is no matter of the run. */
@FunctionalInterface
public interface RunListener extends TrainingListener, ListEvaluation.Listener {
  @Override
  void note(String sentence);

  @Override
  default void stepped(long step, long steps, double loss, double clipsPerSecond, int skipped) {}

  /**
   * All settings that are kept with the run: those of its recipe, and what else is known of it.
   *
   * @param settled those of the recipe, with nothing left open, by the names of the options
   */
  default Map<String, Object> settings(Map<String, Object> settled) {
    return settled;
  }

  /** Training begins, which is certain now. */
  default void begins(RunRecord record, RunStart start) throws IOException {}

  /** Training is over, however it went. */
  default void ends() {}

  /** The run came to this: once after training, and once more after an evaluation. */
  default void came(RunRecord record, RunResult result) throws IOException {}
}
