package dev.tenzing.everest.recipe;

import dev.tenzing.video.list.VideoList;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A teacher that a classifier follows.
 *
 * @param teacher run or checkpoint of any format with the classifier to learn from
 * @param temperature divides the logits of both
 * @param alpha the teacher's share of the loss; the rest is that of the labels
 * @param unlabelled whether the list has no labels
 */
public record DistillRecipe(Path teacher, double temperature, double alpha, boolean unlabelled) {
  /** Rejects impossible values. */
  public DistillRecipe {
    if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("--temperature must be above 0, got " + temperature);
    }
    if (!(alpha > 0 && alpha <= 1)) {
      throw new IllegalArgumentException("--alpha must be above 0 and at most 1, got " + alpha);
    }
    if (unlabelled && alpha < 1) {
      throw new IllegalArgumentException(
          "--unlabelled leaves no labels for the rest of --alpha " + alpha);
    }
  }

  /** The teacher alone is followed. */
  public static DistillRecipe of(Path teacher) {
    return new DistillRecipe(teacher, 1, 1, false);
  }

  /** Whether the list must have labels. */
  public VideoList.Labels labels() {
    return unlabelled ? VideoList.Labels.OPTIONAL : VideoList.Labels.REQUIRED;
  }

  Map<String, Object> settings() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("teacher", teacher);
    all.put("temperature", temperature);
    all.put("alpha", alpha);
    all.put("unlabelled", unlabelled);
    return all;
  }
}
