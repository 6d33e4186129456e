package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoList.Labels;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads a list file: a path and up to three numbers a line, separated by blanks or by commas, in
 * UTF-8 with or without byte order mark and with any line ends. Empty lines and lines that begin
 * with {@code #} say nothing.
 *
 * <p>The numbers are the last fields, so a path may hold blanks. All lines have the same number of
 * them ({@link ListFormat}); quotes tell a path that ends in a number: {@code "my clip 12" 3}.
 */
final class ListFile {
  private final Path file;
  private final Path root;
  private final Labels labels;
  private final int classes;
  private final ListFormat format;
  private final Lines lines;
  private final Collector collector;
  private int firstLine;

  private ListFile(
      Path file, Path root, Labels labels, int classes, ListFormat format, Lines lines) {
    this.file = file;
    this.root = root;
    this.labels = labels;
    this.classes = classes;
    this.format = format;
    this.lines = lines;
    this.collector = new Collector();
  }

  static VideoList read(Path file, Path root, Labels labels, int classes)
      throws VideoListException {
    Path folder = root != null ? root : file.toAbsolutePath().getParent();
    ListFormat format = ListFormat.of(file, folder, labels);
    if (format.header() != null) {
      return HeaderCsv.read(file, folder, labels, classes, format.header());
    }
    try (Lines lines = new Lines(file)) {
      return new ListFile(file, folder, labels, classes, format, lines).read();
    }
  }

  private VideoList read() throws VideoListException {
    for (String line = lines.nextEntry(); line != null; line = lines.nextEntry()) {
      firstLine = firstLine == 0 ? lines.number() : firstLine;
      collector.add(entry(line), lines);
    }
    return collector.list(file.toString(), ClassNames.beside(file));
  }

  private Entry entry(String line) throws VideoListException {
    Fields fields = format.fields(line);
    if (fields == null || !fields.exact() && format.numbers() > 0) {
      throw tooFew(line, fields);
    }
    int numbers = fields.after().size();
    if (numbers != format.numbers()) {
      throw numbers < format.numbers() ? tooFew(line, fields) : mixed(numbers);
    }
    Path path = path(fields.path());
    // The path of this line may be "my clip 12", or the line may have one number more than others.
    if (!format.commas()
        && Fields.atBlanks(line).numbers(ListFormat.MOST + 1) > numbers
        && !ListFormat.exists(root, fields.path())) {
      throw mixed(Fields.atBlanks(line).numbers(ListFormat.MOST + 1));
    }
    return switch (numbers) {
      case 0 -> new Entry(path, -1);
      case 1 -> new Entry(path, label(fields.after().get(0)));
      case 2 -> format.counted() ? counted(path, fields) : part(path, fields, -1);
      default -> part(path, fields, label(fields.after().get(2)));
    };
  }

  private Entry counted(Path path, Fields fields) throws VideoListException {
    int total = number(fields.after().get(0), "the number of frames");
    int label = label(fields.after().get(1));
    if (total < 1) {
      throw wrong("the number of frames must be at least 1, but is " + total);
    }
    return new Entry(path, label, new Part.Count(total));
  }

  private Entry part(Path path, Fields fields, int label) throws VideoListException {
    int start = number(fields.after().get(0), "the first frame");
    int total = number(fields.after().get(1), "the number of frames");
    if (start < 0) {
      throw wrong("the first frame must not be negative, but is " + start);
    }
    if (total == 0) {
      throw wrong("the number of frames must be at least 1, or -1 for all of a video");
    }
    // "path 0 -1" is the reference's way to name a whole video; its start means nothing.
    return new Entry(path, label, total < 0 ? Part.WHOLE : new Part.Frames(start, total));
  }

  private int label(String text) throws VideoListException {
    if (labels == Labels.OPTIONAL) {
      number(text, "the label");
      return -1;
    }
    int label = number(text, "the label");
    if (label < 0) {
      throw wrong(
          "the label must not be negative, but is "
              + label
              + (format.numbers() == 2 ? " (a list of path, start and total has no labels)" : ""));
    }
    ClassNames.check(label, classes, this::wrong);
    return label;
  }

  private int number(String text, String what) throws VideoListException {
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw wrong(what + " must be a whole number, but is \"" + text + "\"");
    }
  }

  private Path path(String text) throws VideoListException {
    if (text.isEmpty()) {
      throw wrong("no path stands before the numbers");
    }
    try {
      return root.resolve(text);
    } catch (InvalidPathException e) {
      throw wrong("\"" + text + "\" is no path on this system (" + e.getReason() + ")");
    }
  }

  /** The line has fewer numbers than the others. */
  private VideoListException tooFew(String line, Fields fields) {
    boolean blanks = !format.commas() && ListFormat.commaNumbers(line) < 0;
    if (fields == null || format.commas() && fields.after().isEmpty() || !blanks) {
      return wrong(
          "the fields are not separated by %s as in the rest of the list; a list has one format"
              .formatted(format.commas() ? "commas" : "blanks"));
    }
    Fields bare = Fields.atBlanks(line);
    int numbers = format.commas() ? fields.after().size() : bare.numbers(ListFormat.MOST);
    if (labels == Labels.REQUIRED && numbers == 0) {
      List<String> atCommas = Fields.atCommas(line);
      if (!bare.severalWords() && atCommas != null && atCommas.size() > 1) {
        return wrong("the label must be a whole number, but is \"" + atCommas.getLast() + "\"");
      }
      return bare.severalWords()
          ? wrong("the label must be a whole number, but is \"" + lastWord(bare) + "\"")
          : wrong("no label follows the path " + bare.path());
    }
    return mixed(numbers);
  }

  private static String lastWord(Fields bare) {
    return bare.exact() ? bare.after().getLast() : bare.split(1).after().getFirst();
  }

  private VideoListException mixed(int numbers) {
    if (lines.number() == firstLine && numbers > ListFormat.MOST) {
      return wrong("more than %s numbers follow the path".formatted(ListFormat.MOST));
    }
    return wrong(
        "%s the path, but %s in this list; a list has one format, and a path that ends in a number needs quotes"
            .formatted(
                numbers == 1 ? "1 number follows" : numbers + " numbers follow", format.numbers()));
  }

  private VideoListException wrong(String sentence) {
    return lines.wrong(sentence);
  }
}
