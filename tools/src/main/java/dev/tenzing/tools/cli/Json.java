package dev.tenzing.tools.cli;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.nio.file.Path;

/**
 * JSON text of records, maps, lists, strings and numbers. Names of record components become
 * snake_case ({@code clipsPerS} is {@code clips_per_s}); numbers that are not finite become null,
 * since JSON has none.
 */
public final class Json {
  private static final JsonSerializer<Double> DOUBLE =
      (value, type, context) ->
          Double.isFinite(value) ? new JsonPrimitive(value) : JsonNull.INSTANCE;
  private static final JsonSerializer<Float> FLOAT =
      (value, type, context) ->
          Float.isFinite(value) ? new JsonPrimitive(value) : JsonNull.INSTANCE;
  private static final JsonSerializer<Path> PATH =
      (value, type, context) -> new JsonPrimitive(value.toString());

  private static final Gson GSON =
      new GsonBuilder()
          .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
          .disableHtmlEscaping()
          .serializeNulls()
          .registerTypeAdapter(double.class, DOUBLE)
          .registerTypeAdapter(Double.class, DOUBLE)
          .registerTypeAdapter(float.class, FLOAT)
          .registerTypeAdapter(Float.class, FLOAT)
          .registerTypeHierarchyAdapter(Path.class, PATH)
          .create();

  private Json() {}

  /** One line of JSON. */
  public static String write(Object value) {
    return GSON.toJson(value);
  }

  /**
   * The value that a text holds.
   *
   * @throws IllegalArgumentException when it is not JSON
   */
  public static JsonElement read(String text) {
    try {
      return GSON.fromJson(text, JsonElement.class);
    } catch (JsonParseException e) {
      throw new IllegalArgumentException("not JSON: " + e.getMessage(), e);
    }
  }
}
