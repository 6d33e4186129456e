package dev.tenzing.nn.optim;

import dev.tenzing.engine.io.Json;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Values of the official code among the test resources. */
final class Golden {
  private Golden() {}

  static Path path(String resource) {
    try {
      return Path.of(Golden.class.getResource(resource).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Map<String, Object> json(String resource) {
    try {
      return Json.parseObject(Files.readString(path(resource)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Map<String, Object> parent, String name) {
    return (Map<String, Object>) parent.get(name);
  }

  static List<?> list(Map<String, Object> parent, String name) {
    return (List<?>) parent.get(name);
  }

  static double[] doubles(Map<String, Object> parent, String name) {
    return list(parent, name).stream().mapToDouble(x -> ((Number) x).doubleValue()).toArray();
  }

  /** A number, or {@code absent} when it is missing or null. */
  static double number(Map<String, Object> parent, String name, double absent) {
    return parent.get(name) instanceof Number number ? number.doubleValue() : absent;
  }
}
