package dev.tenzing.everest.recipe;

import dev.tenzing.everest.task.classification.Views;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The evaluation at the end of a run.
 *
 * @param list list of videos with labels; null for no evaluation
 * @param views views of each
 * @param allowSkips whether videos that cannot be read are left out
 */
public record Validation(Path list, Views views, boolean allowSkips) {
  /** No evaluation. */
  public static final Validation NONE = new Validation(null, new Views(5, 3), false);

  /** Every video of a list in 5 x 3 views. */
  public static Validation on(Path list) {
    return new Validation(list, new Views(5, 3), false);
  }

  Map<String, Object> settings() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("val", list);
    all.put("views", views);
    all.put("allow-skips", allowSkips);
    return all;
  }
}
