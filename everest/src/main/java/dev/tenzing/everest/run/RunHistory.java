package dev.tenzing.everest.run;

import dev.tenzing.engine.io.AtomicFile;
import dev.tenzing.engine.io.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code history.jsonl} of a run folder: a line each time that the run began or went on, with the
 * time, the step, and the settings that changed. The first line has all settings.
 *
 * @param file the file
 * @param entries its lines, in order; what is no line of it is passed over
 */
public record RunHistory(Path file, List<Map<String, Object>> entries) {
  private static final String SETTINGS = "settings";
  private static final String CHANGED = "changed";

  /** Reads the history of a run folder; empty when it has none. */
  public static RunHistory of(Path run) throws IOException {
    Path file = run.resolve("history.jsonl");
    List<Map<String, Object>> entries = new ArrayList<>();
    if (Files.isRegularFile(file)) {
      // Bytes that are no text are no line of ours.
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      for (String line : text.split("\n")) {
        try {
          entries.add(Json.parseObject(line));
        } catch (IllegalArgumentException e) {
          // Cut off, or damaged: what the others say holds.
        }
      }
    }
    return new RunHistory(file, entries);
  }

  /** The settings that the run had last; empty when nothing is known. */
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    for (Map<String, Object> entry : entries) {
      if (entry.get(SETTINGS) instanceof Map<?, ?> all) {
        settings.clear();
        all.forEach((key, value) -> settings.put(key.toString(), value));
      }
      if (entry.get(CHANGED) instanceof Map<?, ?> changed) {
        changed.forEach((key, value) -> {
          if (value instanceof Map<?, ?> change) {
            settings.put(key.toString(), change.get("now"));
          }
        });
      }
    }
    settings.values().removeIf(java.util.Objects::isNull);
    return settings;
  }

  /** Writes that the run begins; what an earlier beginning left is of no run. */
  public void begin(String command, Map<String, Object> settings) throws IOException {
    Map<String, Object> entry = entry(command, 0);
    entry.put(SETTINGS, settings);
    write(List.of(entry));
  }

  /** Writes that the run goes on after a step, with what is not as it was. */
  public void goOn(String command, long step, List<Change> changes, Map<String, Object> settings)
      throws IOException {
    List<Map<String, Object>> all = new ArrayList<>(entries);
    Map<String, Object> entry = entry(command, step);
    if (settings().isEmpty()) {
      entry.put(SETTINGS, settings);
    } else {
      Map<String, Object> changed = new LinkedHashMap<>();
      for (Change change : changes) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("before", change.before());
        values.put("now", change.now());
        changed.put(change.key(), values);
      }
      entry.put(CHANGED, changed);
    }
    all.add(entry);
    write(all);
  }

  private static Map<String, Object> entry(String command, long step) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    entry.put("command", command);
    entry.put("step", step);
    return entry;
  }

  private void write(List<Map<String, Object>> lines) throws IOException {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(Json.write(line)).append('\n'));
    AtomicFile.write(
        file, out -> out.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8))));
  }
}
