package dev.tenzing.everest.recipe;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a run is kept, how often it is saved and logged, and from where it goes on.
 *
 * @param run its folder
 * @param every steps between checkpoints; null for an epoch, at least 50
 * @param keep newest checkpoints that stay
 * @param logEvery steps between logged metrics
 * @param resume {@code auto}, {@code none} or the path of a run or checkpoint folder
 */
public record Saving(Path run, Long every, int keep, int logEvery, String resume) {
  /** Rejects impossible values. */
  public Saving {
    DataRecipe.positive("--keep-checkpoints", keep);
    DataRecipe.positive("--log-every", logEvery);
    DataRecipe.positive("--checkpoint-every", every == null ? 1 : every);
  }

  /** A run that goes on where it was stopped. */
  public static Saving in(Path run) {
    return new Saving(run, null, 2, 10, "auto");
  }

  /** Steps between checkpoints within a budget. */
  public long every(Budget budget) {
    return every == null ? Math.max(50, budget.stepsPerEpoch()) : every;
  }

  Saving settled(long steps) {
    return new Saving(run, steps, keep, logEvery, resume);
  }

  Map<String, Object> settings() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("output", run);
    all.put("checkpoint-every", every);
    all.put("keep-checkpoints", keep);
    all.put("log-every", logEvery);
    all.put("resume", resume);
    return all;
  }
}
