package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How the tensors of a checkpoint fit a model, by their official names.
 *
 * @param matched in both with the same shape
 * @param missing in the model only
 * @param unexpected in the checkpoint only
 * @param mismatched in both, with different shapes
 */
public record Fit(
    List<String> matched,
    List<String> missing,
    List<String> unexpected,
    List<Mismatch> mismatched) {
  private static final int NAMED = 3;

  /**
   * A tensor of another shape than the model's.
   *
   * @param name its name
   * @param found its shape in the checkpoint
   * @param needed its shape in the model
   */
  public record Mismatch(String name, Shape found, Shape needed) {
    @Override
    public String toString() {
      return "%s has shape %s where %s is needed".formatted(name, found, needed);
    }
  }

  /** Compares what a checkpoint has with what a model needs. */
  public static Fit of(Map<String, Shape> found, Map<String, Shape> needed) {
    Fit fit = new Fit(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    needed.forEach((name, shape) -> {
      Shape there = found.get(name);
      if (there == null) {
        fit.missing.add(name);
      } else if (there.equals(shape)) {
        fit.matched.add(name);
      } else {
        fit.mismatched.add(new Mismatch(name, there, shape));
      }
    });
    found.keySet().stream().filter(name -> !needed.containsKey(name)).forEach(fit.unexpected::add);
    return fit;
  }

  /** Whether every tensor of one is in the other with its shape. */
  public boolean exact() {
    return missing.isEmpty() && unexpected.isEmpty() && mismatched.isEmpty();
  }

  /** What does not fit, as the end of a sentence; empty when all does. */
  public String defects() {
    List<String> parts = new ArrayList<>();
    if (!mismatched.isEmpty()) {
      parts.add(few(mismatched.stream().map(Mismatch::toString).toList()));
    }
    if (!missing.isEmpty()) {
      parts.add("it has no tensor " + few(missing));
    }
    if (!unexpected.isEmpty()) {
      parts.add("the model has no parameter " + few(unexpected));
    }
    return String.join("; ", parts);
  }

  /** The first few of a list, and how many more there are. */
  static String few(List<String> names) {
    String first = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
    return names.size() <= NAMED ? first : first + " and %s more".formatted(names.size() - NAMED);
  }
}
