package dev.tenzing.everest.verify;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How one reference file compared.
 *
 * @param file the file
 * @param kind its kind
 * @param checks every comparison made
 */
public record FileResult(Path file, String kind, List<TensorCheck> checks) {
  /** Whether there was something to compare and all of it passed. */
  public boolean pass() {
    return !checks.isEmpty() && checks.stream().allMatch(TensorCheck::pass);
  }

  /** Largest relative error of each group. */
  public Map<String, Double> maxRelativeErrors() {
    Map<String, Double> errors = new LinkedHashMap<>();
    for (TensorCheck check : checks) {
      errors.merge(check.group(), check.relativeError(), Math::max);
    }
    return errors;
  }
}
