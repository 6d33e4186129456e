package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoList.Labels;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes entries of the rows of a table: fields by the names of their {@linkplain Columns columns}.
 *
 * <p>A Kinetics clip is looked for below the root as {@code ID_000010_000020} (the usual downloads
 * cut it so) and as {@code ID}, of which the seconds given are used, with any ending and in any
 * folder; so is whatever another column names by an id.
 */
final class Rows {
  private final Path root;
  private final Labels labels;
  private final List<String> names;
  private final Map<String, Integer> numbers = new HashMap<>();
  private VideoFinder finder;

  /**
   * @param names of the classes, by number; empty when labels are numbers
   */
  Rows(Path root, Labels labels, List<String> names) {
    this.root = root;
    this.labels = labels;
    this.names = names;
    for (int i = 0; i < names.size(); i++) {
      numbers.putIfAbsent(names.get(i), i);
    }
  }

  /** What a row calls its class, "" when nothing. */
  static String labelOf(Map<String, String> row) {
    String column = Columns.of(row.keySet(), Columns.LABELS);
    String text = column == null ? "" : row.get(column);
    // Something-Something's sentences, as their list of labels has them.
    return "template".equals(column) ? text.replace("[", "").replace("]", "") : text;
  }

  Entry entry(Map<String, String> row, Function<String, VideoListException> wrong)
      throws VideoListException {
    int label = labels == Labels.REQUIRED ? label(row, wrong) : -1;
    double start = seconds(row, Columns.STARTS, wrong);
    double end = seconds(row, Columns.ENDS, wrong);
    if (start >= 0 != end >= 0 || start >= 0 && end <= start) {
      throw wrong.apply("the clip ends at %s, not after its start at %s".formatted(end, start));
    }
    Part window = start >= 0 ? new Part.Seconds(start, end) : Part.WHOLE;
    String column = Columns.of(row.keySet(), Columns.VIDEOS);
    if (column == null) {
      throw wrong.apply("nothing names the video; looked for " + String.join(", ", Columns.VIDEOS));
    }
    String video = row.get(column);
    if (video.isEmpty()) {
      throw wrong.apply("the " + column + " is empty");
    }
    boolean ended = VideoTree.isVideo(video);
    if (!Columns.IDS.contains(column) && (ended || ListFormat.exists(root, video))) {
      return new Entry(path(video, wrong), label, window);
    }
    String cut =
        start >= 0
            ? String.format(Locale.ROOT, "%s_%06d_%06d", video, (long) start, (long) end)
            : video;
    Path found = find(cut);
    if (found != null) {
      return new Entry(found, label);
    }
    if (ended || ListFormat.exists(root, video)) {
      return new Entry(path(video, wrong), label, window);
    }
    Path whole = find(video);
    return whole != null
        ? new Entry(whole, label, window)
        : new Entry(path(Columns.IDS.contains(column) ? cut + ".mp4" : video, wrong), label);
  }

  private Path find(String id) throws VideoListException {
    if (finder == null) {
      finder = VideoFinder.below(root);
    }
    return finder.find(id);
  }

  private int label(Map<String, String> row, Function<String, VideoListException> wrong)
      throws VideoListException {
    String text = labelOf(row);
    if (text.isEmpty()) {
      throw wrong.apply(
          Columns.of(row.keySet(), Columns.LABELS) == null
              ? "there is no label: looked for the columns %s, found %s"
                  .formatted(String.join(", ", Columns.LABELS), String.join(", ", row.keySet()))
              : "there is no label in the column \"%s\""
                  .formatted(Columns.of(row.keySet(), Columns.LABELS)));
    }
    Integer named = numbers.get(text);
    if (named == null && !names.isEmpty() && !Fields.isNumber(text)) {
      throw wrong.apply(
          "the class \"%s\" is not among the %s of classes.txt".formatted(text, names.size()));
    }
    int label;
    try {
      label = named != null ? named : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw wrong.apply("the label must be a class or a whole number, but is \"" + text + "\"");
    }
    if (label < 0) {
      throw wrong.apply("the label must not be negative, but is " + label);
    }
    return label;
  }

  private static double seconds(
      Map<String, String> row, List<String> columns, Function<String, VideoListException> wrong)
      throws VideoListException {
    String column = Columns.of(row.keySet(), columns);
    String text = column == null ? "" : row.get(column);
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
    throw wrong.apply("a time must be in seconds, but is \"" + text + "\"");
  }

  private Path path(String text, Function<String, VideoListException> wrong)
      throws VideoListException {
    try {
      return root.resolve(text);
    } catch (InvalidPathException e) {
      throw wrong.apply("\"" + text + "\" is no path on this system (" + e.getReason() + ")");
    }
  }
}
