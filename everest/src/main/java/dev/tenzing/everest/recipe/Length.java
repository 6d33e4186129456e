package dev.tenzing.everest.recipe;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long a run is and how its batches are made.
 *
 * @param epochs passes over the data, or null
 * @param steps optimiser steps instead, or null
 * @param batch videos a forward pass
 * @param accumulate forward passes a step
 * @param fit whether a batch that does not fit into memory is split
 */
public record Length(Integer epochs, Long steps, int batch, int accumulate, boolean fit) {
  /** Rejects impossible values. */
  public Length {
    DataRecipe.positive("--batch", batch);
    DataRecipe.positive("--accumulate", accumulate);
    if ((epochs == null) == (steps == null)) {
      throw new IllegalArgumentException("give either --epochs or --steps");
    }
    DataRecipe.positive("--epochs", epochs == null ? 1 : epochs);
    DataRecipe.positive("--steps", steps == null ? 1 : steps);
  }

  /** So many passes over the data. */
  public static Length epochs(int epochs, int batch) {
    return new Length(epochs, null, batch, 1, false);
  }

  /** So many steps. */
  public static Length steps(long steps, int batch) {
    return new Length(null, steps, batch, 1, false);
  }

  /** The same with each forward pass in equal parts. */
  public Length split(int parts) {
    return new Length(epochs, steps, batch / parts, accumulate * parts, fit);
  }

  /** The run's budget over so many videos. */
  public Budget budget(int videos) {
    return epochs != null
        ? Budget.epochs(epochs, videos, batch, accumulate)
        : Budget.steps(steps, videos, batch, accumulate);
  }

  Map<String, Object> settings() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("epochs", epochs);
    all.put("steps", steps);
    all.put("batch", batch);
    all.put("accumulate", accumulate);
    all.put("fit", fit);
    return all;
  }
}
