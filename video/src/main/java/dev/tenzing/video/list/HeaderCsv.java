package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Labels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Reads a table with a header, as Kinetics comes: {@code
 * label,youtube_id,time_start,time_end,split} with class names for labels; or with a column of
 * paths and numbers or names.
 */
final class HeaderCsv {
  private final Path file;
  private final Path root;
  private final ListFormat format;

  /** Takes a row. */
  @FunctionalInterface
  private interface Visitor {
    void take(Map<String, String> row, Lines lines) throws VideoListException;
  }

  private HeaderCsv(Path file, Path root, ListFormat format) {
    this.file = file;
    this.root = root;
    this.format = format;
  }

  static VideoList read(
      Path file, Path root, Labels labels, int classes, ListFormat format, ClassNames own)
      throws VideoListException {
    return new HeaderCsv(file, root, format).read(labels, classes, own);
  }

  private VideoList read(Labels labels, int classes, ClassNames own) throws VideoListException {
    ClassNames names =
        own.list().isEmpty() && labels == Labels.REQUIRED ? ClassNames.of(namesInside()) : own;
    Collector collector = new Collector(names, classes);
    Rows rows = new Rows(root, labels, names.list());
    List<String> notes = new ArrayList<>();
    each(
        (row, lines) -> collector.add(rows.entry(row, lines::wrong), lines.number(), lines::wrong),
        notes);
    return collector.list(file.toString(), names.list(), notes);
  }

  /** All names in the label column, sorted; empty when they are numbers. */
  private List<String> namesInside() throws VideoListException {
    TreeSet<String> names = new TreeSet<>();
    each((row, lines) -> names.add(Rows.labelOf(row)), new ArrayList<>());
    names.remove("");
    return names.stream().allMatch(Fields::isNumber) ? List.of() : List.copyOf(names);
  }

  private void each(Visitor visitor, List<String> notes) throws VideoListException {
    try (Lines lines = new Lines(file)) {
      if (format.headed()) {
        lines.nextEntry(text -> ListFormat.isEntry(text, root));
      }
      for (String line = lines.nextEntry(this::isRow);
          line != null;
          line = lines.nextEntry(this::isRow)) {
        visitor.take(row(line, lines), lines);
      }
      notes.addAll(lines.notes());
    }
  }

  /** A comment has rarely as many fields as the table: what has may be a class or a video. */
  private boolean isRow(String line) {
    List<String> fields = Fields.at(line, format.separator());
    return fields != null && fields.size() == format.header().size();
  }

  private Map<String, String> row(String line, Lines lines) throws VideoListException {
    List<String> header = format.header();
    // Blanks at both ends say nothing, but tabs may separate fields that are empty.
    List<String> fields =
        Fields.at(format.separator() == '\t' ? lines.whole() : line, format.separator());
    if (fields == null || fields.size() != header.size()) {
      throw lines.wrong(
          "the line has %s, the header %s"
              .formatted(
                  fields == null ? "an open quote" : fields.size() + " fields", header.size()));
    }
    Map<String, String> row = new LinkedHashMap<>();
    for (int i = 0; i < fields.size(); i++) {
      row.putIfAbsent(header.get(i), fields.get(i));
    }
    return row;
  }
}
