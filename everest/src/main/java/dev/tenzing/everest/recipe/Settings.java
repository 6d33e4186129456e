package dev.tenzing.everest.recipe;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Settings of a recipe by the names of the options that ask for them. */
final class Settings {
  private Settings() {}

  /** All that are set, as text, numbers and booleans. */
  static Map<String, Object> of(List<Map<String, Object>> parts) {
    Map<String, Object> all = new LinkedHashMap<>();
    parts.forEach(part ->
        part.forEach((key, value) -> {
          switch (value) {
            case null -> {}
            case Number number -> all.put(key, number);
            case Boolean flag -> all.put(key, flag);
            case Path path -> all.put(key, path.toString());
            default -> all.put(key, value.toString());
          }
        }));
    return all;
  }

  /** A number without a fraction where it has none: {@code 2} and {@code 1.5}. */
  static String number(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }
}
