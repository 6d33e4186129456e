package dev.tenzing.everest.verify;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.Safetensors;
import dev.tenzing.engine.io.StoredTensor;
import dev.tenzing.everest.masking.TokenGrid;
import dev.tenzing.everest.masking.TokenPlan;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A reference file: a safetensors file whose metadata say how the values came about, with tensors
 * {@code param.*}, {@code input.*}, {@code expect.*}, {@code expect64.*}, {@code grad.*} and {@code
 * after.*}.
 */
final class ReferenceFile implements AutoCloseable {
  private final Safetensors file;
  private final Map<String, Object> config;
  private final Map<String, Object> noise;

  ReferenceFile(Path path) {
    file = Safetensors.open(path);
    try {
      config = object("config");
      // Tables that no float32 run computes come without.
      noise = file.metadata().containsKey("fp32_noise") ? object("fp32_noise") : Map.of();
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private Map<String, Object> object(String key) {
    String text = file.metadata().get(key);
    if (text == null) {
      throw new VerifyException(
          file.path() + " is no reference file: its metadata have no \"" + key + "\"");
    }
    try {
      return Json.parseObject(text);
    } catch (IllegalArgumentException e) {
      throw new VerifyException(
          file.path()
              + " is no reference file: its metadata \""
              + key
              + "\" is not valid "
              + e.getMessage());
    }
  }

  Path path() {
    return file.path();
  }

  String kind() {
    return file.metadata().getOrDefault("kind", "unknown");
  }

  /** The value at a dotted path of the config, or null. */
  Object value(String path) {
    Object at = config;
    for (String key : path.split("\\.")) {
      at = at instanceof Map<?, ?> map ? map.get(key) : null;
    }
    return at;
  }

  boolean isSet(String path) {
    return Boolean.TRUE.equals(value(path));
  }

  double number(String path) {
    return value(path) instanceof Number number ? number.doubleValue() : missing(path);
  }

  double number(String path, double otherwise) {
    return value(path) instanceof Number number ? number.doubleValue() : otherwise;
  }

  int integer(String path) {
    return (int) number(path);
  }

  double[] numbers(String path) {
    if (!(value(path) instanceof List<?> list)) {
      missing(path);
      return new double[0];
    }
    return list.stream().mapToDouble(item -> ((Number) item).doubleValue()).toArray();
  }

  private double missing(String path) {
    throw new VerifyException(
        file.path() + " is no reference file of kind " + kind() + ": its config has no " + path);
  }

  boolean has(String name) {
    return file.has(name);
  }

  List<String> names() {
    return file.names();
  }

  float[] floats(String name) {
    return file.toFloats(name);
  }

  double[] doubles(String name) {
    return file.toDoubles(name);
  }

  long[] longs(String name) {
    return file.toLongs(name);
  }

  long dim(String name, int i) {
    return file.shape(name).dim(i);
  }

  Shape shape(String name) {
    return file.shape(name);
  }

  Tensor tensor(Device device, String name) {
    return file.toTensor(device, name);
  }

  /** Largest difference of the float32 run from the float64 run, as the file states it. */
  double noise(String name) {
    return noise.get(name) instanceof List<?> pair && pair.getFirst() instanceof Number number
        ? number.doubleValue()
        : 0;
  }

  /**
   * The plan of {@code input.mask} and, where there is one, {@code input.decode_mask}; 1 = not
   * seen, not filled in.
   */
  TokenPlan plan(Device device, TokenGrid grid) {
    int batch = (int) dim("input.mask", 0);
    boolean[] mask = mask("input.mask", batch, grid);
    return has("input.decode_mask")
        ? TokenPlan.fromMasks(device, mask, mask("input.decode_mask", batch, grid), batch)
        : TokenPlan.fromMask(device, mask, batch);
  }

  private boolean[] mask(String name, int batch, TokenGrid grid) {
    if (!shape(name).equals(Shape.of(batch, grid.tokens()))) {
      throw new VerifyException(
          "%s does not fit the model: %s has shape %s for %s clips of %s tokens"
              .formatted(path(), name, shape(name), batch, grid.tokens()));
    }
    long[] values = longs(name);
    boolean[] mask = new boolean[values.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = values[i] != 0;
    }
    return mask;
  }

  /**
   * Fills parameters from {@code param.*}; every one must be there with its shape, and no other.
   */
  void load(Map<String, Tensor> parameters) {
    load(parameters, UnaryOperator.identity());
  }

  /** Like {@link #load(Map)}, when the file's names are not the parameters'. */
  void load(Map<String, Tensor> parameters, UnaryOperator<Map<String, StoredTensor>> renamed) {
    Map<String, StoredTensor> values = new LinkedHashMap<>();
    for (String name : file.names()) {
      if (name.startsWith("param.")) {
        values.put(name.substring(6), file.tensor(name));
      }
    }
    Map<String, StoredTensor> ours = renamed.apply(values);
    parameters.forEach((name, parameter) -> {
      StoredTensor value = ours.get(name);
      if (value == null || !value.shape().equals(parameter.shape())) {
        throw new VerifyException(
            "%s does not fit the model: parameter %s %s"
                .formatted(path(), parameter, value == null ? "is missing" : "has another shape"));
      }
      parameter.copyFrom(value.toFloats());
    });
    for (String name : ours.keySet()) {
      if (!parameters.containsKey(name)) {
        throw new VerifyException(path() + " does not fit the model: it has no parameter " + name);
      }
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
