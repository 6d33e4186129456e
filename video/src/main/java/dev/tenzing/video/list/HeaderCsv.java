package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoList.Labels;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/**
 * Reads a table with a header, as Kinetics comes: {@code
 * label,youtube_id,time_start,time_end,split} with class names for labels; or with a {@code path}
 * column and numbers or names.
 *
 * <p>A Kinetics clip is looked for below the root as {@code ID_000010_000020} (the usual downloads
 * cut it so) and as {@code ID}, of which the seconds given are used, with any ending and in any
 * folder.
 */
final class HeaderCsv {
  private final Path file;
  private final Path root;
  private final Labels labels;
  private final int classes;
  private final List<String> header;
  private final List<String> names;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final VideoFinder finder;

  private HeaderCsv(
      Path file,
      Path root,
      Labels labels,
      int classes,
      List<String> header,
      List<String> names,
      VideoFinder finder) {
    this.file = file;
    this.root = root;
    this.labels = labels;
    this.classes = classes;
    this.header = header;
    this.names = names;
    this.finder = finder;
    for (int i = 0; i < names.size(); i++) {
      numbers.putIfAbsent(names.get(i), i);
    }
  }

  static VideoList read(Path file, Path root, Labels labels, int classes, List<String> header)
      throws VideoListException {
    List<String> names = ClassNames.beside(file);
    if (names.isEmpty() && labels == Labels.REQUIRED) {
      names = namesInside(file, header);
    }
    VideoFinder finder = header.contains("youtube_id") ? VideoFinder.below(root) : null;
    return new HeaderCsv(file, root, labels, classes, header, names, finder).read();
  }

  /** All names in the label column, sorted; empty when they are numbers. */
  private static List<String> namesInside(Path file, List<String> header)
      throws VideoListException {
    int column = column(header, "label", "class", "action");
    TreeSet<String> names = new TreeSet<>();
    try (Lines lines = new Lines(file)) {
      lines.nextEntry();
      for (String line = lines.nextEntry(); line != null; line = lines.nextEntry()) {
        List<String> fields = Fields.atCommas(line);
        if (column >= 0 && fields != null && column < fields.size()) {
          names.add(fields.get(column));
        }
      }
    }
    return names.stream().allMatch(n -> !n.isEmpty() && Fields.isNumber(n))
        ? List.of()
        : List.copyOf(names);
  }

  private VideoList read() throws VideoListException {
    Collector collector = new Collector();
    try (Lines lines = new Lines(file)) {
      lines.nextEntry();
      for (String line = lines.nextEntry(); line != null; line = lines.nextEntry()) {
        List<String> fields = Fields.atCommas(line);
        if (fields == null || fields.size() != header.size()) {
          throw lines.wrong(
              "the line has %s, the header %s"
                  .formatted(
                      fields == null ? "an open quote" : fields.size() + " fields", header.size()));
        }
        collector.add(entry(fields, lines), lines);
      }
    }
    return collector.list(file.toString(), names);
  }

  private Entry entry(List<String> fields, Lines lines) throws VideoListException {
    int label = labels == Labels.REQUIRED ? label(fields, lines) : -1;
    double start = seconds(fields, lines, "time_start", "start_sec", "start_time");
    double end = seconds(fields, lines, "time_end", "end_sec", "end_time");
    if (start >= 0 != end >= 0 || start >= 0 && end <= start) {
      throw lines.wrong("the clip ends at %s, not after its start at %s".formatted(end, start));
    }
    Part window = start >= 0 ? new Part.Seconds(start, end) : Part.WHOLE;
    if (finder != null) {
      String id = field(fields, "youtube_id");
      if (id.isEmpty()) {
        throw lines.wrong("the youtube_id is empty");
      }
      String trimmed =
          start >= 0
              ? String.format(Locale.ROOT, "%s_%06d_%06d", id, (long) start, (long) end)
              : id;
      Path cut = finder.find(trimmed);
      Path whole = cut == null ? finder.find(id) : null;
      return whole == null
          ? new Entry(cut == null ? path(trimmed + ".mp4", lines) : cut, label)
          : new Entry(whole, label, window);
    }
    String path = field(fields, "path", "video_path", "video", "filename", "file");
    if (path.isEmpty()) {
      throw lines.wrong("the path is empty");
    }
    return new Entry(path(path, lines), label, window);
  }

  private int label(List<String> fields, Lines lines) throws VideoListException {
    String text = field(fields, "label", "class", "action");
    if (text.isEmpty()) {
      throw lines.wrong("there is no label in the column \"label\"");
    }
    Integer named = numbers.get(text);
    if (named == null && (!names.isEmpty() && !Fields.isNumber(text))) {
      throw lines.wrong(
          "the class \"" + text + "\" is not among the %s of classes.txt".formatted(names.size()));
    }
    int label;
    try {
      label = named != null ? named : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw lines.wrong("the label must be a class or a whole number, but is \"" + text + "\"");
    }
    if (label < 0) {
      throw lines.wrong("the label must not be negative, but is " + label);
    }
    ClassNames.check(label, classes, lines::wrong);
    return label;
  }

  private double seconds(List<String> fields, Lines lines, String... columns)
      throws VideoListException {
    String text = field(fields, columns);
    if (text.isEmpty()) {
      return -1;
    }
    try {
      double seconds = Double.parseDouble(text);
      if (seconds >= 0 && seconds < 1e7) {
        return seconds;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw lines.wrong("a time must be in seconds, but is \"" + text + "\"");
  }

  private String field(List<String> fields, String... columns) {
    int column = column(header, columns);
    return column < 0 ? "" : fields.get(column);
  }

  private static int column(List<String> header, String... columns) {
    for (String column : columns) {
      if (header.contains(column)) {
        return header.indexOf(column);
      }
    }
    return -1;
  }

  private Path path(String text, Lines lines) throws VideoListException {
    try {
      return root.resolve(text);
    } catch (InvalidPathException e) {
      throw lines.wrong("\"" + text + "\" is no path on this system (" + e.getReason() + ")");
    }
  }
}
