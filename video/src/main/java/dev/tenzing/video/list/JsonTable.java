package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Labels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Reads annotations in JSON that are rows of a table: an array of objects as Something-Something
 * ({@code id}, {@code template}) and Diving48 ({@code vid_name}, {@code label}) have them, or an
 * object with an entry for each video, as Kinetics and ActivityNet ({@code annotations} with {@code
 * label} and {@code segment}).
 */
final class JsonTable {
  /** A row and the line that it is on, 0 where that is not known. */
  private record Row(Map<String, String> fields, int line) {}

  private final Path file;
  private final List<Row> rows = new ArrayList<>();
  private final TreeMap<String, Integer> subsets = new TreeMap<>();

  private JsonTable(Path file) {
    this.file = file;
  }

  /** Reads an array of objects. */
  static VideoList readArray(Path file, Path root, Labels labels, int classes)
      throws VideoListException {
    JsonTable table = new JsonTable(file);
    try (JsonReader json = new JsonReader(file)) {
      json.each(
          "",
          (element, line) -> {
            if (!(element instanceof Map<?, ?> map)) {
              throw json.wrong(line, "a video must be an object");
            }
            table.rows.add(new Row(fields(map), line));
          });
    }
    return table.list(root, labels, classes);
  }

  /**
   * Reads an object with an entry for each video.
   *
   * @return null when it is none
   */
  static VideoList readDatabase(Path file, Path root, Labels labels, int classes)
      throws VideoListException {
    JsonTable table = new JsonTable(file);
    try (JsonReader json = new JsonReader(file)) {
      if (!(json.read() instanceof Map<?, ?> top)) {
        return null;
      }
      Map<?, ?> videos = top.get("database") instanceof Map<?, ?> inside ? inside : top;
      for (Map.Entry<?, ?> video : videos.entrySet()) {
        if (!(video.getValue() instanceof Map<?, ?> about)) {
          return null;
        }
        if (about.containsKey("annotations") || about.containsKey("subset")) {
          table.add((String) video.getKey(), about, labels);
        }
      }
    }
    if (table.rows.isEmpty()) {
      return null;
    }
    if (table.subsets.size() > 1) {
      throw new VideoListException(
          "%s: it holds the subsets %s; write a file of each, so that none is trained on that tests"
              .formatted(file, String.join(", ", table.subsets.keySet())));
    }
    return table.list(root, labels, classes);
  }

  private void add(String id, Map<?, ?> about, Labels labels) {
    if (about.get("subset") instanceof String subset) {
      subsets.merge(subset, 1, Integer::sum);
    }
    Object annotations = about.get("annotations");
    List<?> all = annotations instanceof List<?> list ? list : List.of();
    all = annotations instanceof Map<?, ?> one ? List.of(one) : all;
    if (labels == Labels.OPTIONAL && !(annotations instanceof Map<?, ?>)) {
      rows.add(new Row(Map.of("video_id", id), 0));
      return;
    }
    for (Object annotation : all) {
      if (annotation instanceof Map<?, ?> map) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("video_id", id);
        row.put("label", text(map.get("label")));
        if (map.get("segment") instanceof List<?> segment && segment.size() == 2) {
          row.put("time_start", text(segment.get(0)));
          row.put("time_end", text(segment.get(1)));
        }
        rows.add(new Row(row, 0));
      }
    }
  }

  private static Map<String, String> fields(Map<?, ?> map) {
    Map<String, String> fields = new LinkedHashMap<>();
    map.forEach((name, value) -> {
      if (value instanceof String || value instanceof Double) {
        fields.putIfAbsent(Columns.plain((String) name), text(value));
      }
    });
    return fields;
  }

  private static String text(Object value) {
    return switch (value) {
      case String text -> text;
      case Double number when number == number.intValue() -> "" + number.intValue();
      case Double number -> number.toString();
      case null, default -> "";
    };
  }

  private VideoList list(Path root, Labels labels, int classes) throws VideoListException {
    ClassNames own = labels == Labels.REQUIRED ? beside() : ClassNames.of(List.of());
    if (own.list().isEmpty() && labels == Labels.REQUIRED) {
      TreeSet<String> names = new TreeSet<>();
      rows.forEach(row -> names.add(Rows.labelOf(row.fields)));
      names.remove("");
      boolean numbers = names.stream().allMatch(Fields::isNumber);
      own = ClassNames.of(numbers ? List.of() : List.copyOf(names));
    }
    Collector collector = new Collector(own, classes);
    Rows maker = new Rows(root, labels, own.list());
    for (Row row : rows) {
      collector.add(maker.entry(row.fields, s -> wrong(row, s)), row.line, s -> wrong(row, s));
    }
    return collector.list(file.toString(), own.list(), List.of());
  }

  /** Names beside the list; Something-Something numbers them in a file of its own. */
  private ClassNames beside() throws VideoListException {
    ClassNames names = ClassNames.beside(file);
    Path numbered = file.toAbsolutePath().resolveSibling("something-something-v2-labels.json");
    return names.list().isEmpty() && Files.isRegularFile(numbered)
        ? ClassNames.read(numbered)
        : names;
  }

  private VideoListException wrong(Row row, String sentence) {
    String video = row.fields.getOrDefault("video_id", "");
    return new VideoListException(
        row.line > 0
            ? file + " line " + row.line + ": " + sentence
            : "%s, video \"%s\": %s".formatted(file, video, sentence));
  }
}
