package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoList.Labels;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Reads a list file: a path and up to three numbers a line, separated by blanks, commas, semicolons
 * or tabs, in UTF-8 with or without byte order mark or in UTF-16 with one, and with any line ends.
 * Empty lines say nothing, and neither do lines that begin with {@code #} unless they name a file.
 *
 * <p>The numbers are the last fields, so a path may hold blanks. All lines have the same number of
 * them ({@link ListFormat}); quotes tell a path that ends in a number: {@code "my clip 12" 3}.
 * Where no line has a label, the folders that the videos lie in are their classes if they have the
 * names of such.
 */
final class ListFile {
  private static final String KNOWN =
      "; known are lists (path label, path start total, path total label; separated by blanks,"
          + " commas, semicolons or tabs), tables with a header, and the lists of Kinetics, UCF101,"
          + " Something-Something, Diving48 and Ego4D";

  private final Path file;
  private final Path root;
  private final Labels labels;
  private final ListFormat format;
  private final Lines lines;
  private final ClassNames names;
  private final Collector collector;
  private String line;
  private int firstLine;
  private boolean fromFolders;

  private ListFile(
      Path file,
      Path root,
      Labels labels,
      int classes,
      ListFormat format,
      ClassNames names,
      Lines lines) {
    this.file = file;
    this.root = root;
    this.labels = labels;
    this.format = format;
    this.lines = lines;
    this.names = names;
    this.collector = new Collector(names, classes);
  }

  /**
   * Reads it.
   *
   * @param known names of the classes where the list has none of its own
   */
  static VideoList read(Path file, Path root, Labels labels, int classes, List<String> known)
      throws VideoListException {
    Path folder = root != null ? root : file.toAbsolutePath().getParent();
    if (file.getFileName().toString().matches("(?i).*_test_split[1-3]\\.txt")) {
      throw new VideoListException(
          file
              + ": this is a split file of HMDB51, whose numbers say training (1), test (2) or"
              + " neither (0); write a list of path and label, or give a folder with a folder for"
              + " each class");
    }
    ListFormat format = ListFormat.of(file, folder, labels);
    ClassNames own = ClassNames.beside(file);
    if (labels == Labels.REQUIRED
        && known.isEmpty()
        && classes > 0
        && !own.list().isEmpty()
        && own.list().size() != classes) {
      throw new VideoListException(
          "%s names %s classes, but %s are asked for"
              .formatted(own.where(), own.list().size(), classes));
    }
    if (format.header() != null) {
      return HeaderCsv.read(file, folder, labels, classes, format, own);
    }
    try (Lines lines = new Lines(file)) {
      return new ListFile(
              file,
              folder,
              labels,
              classes,
              format,
              own.list().isEmpty() ? ClassNames.of(known) : own,
              lines)
          .read(own.list());
    }
  }

  private VideoList read(List<String> own) throws VideoListException {
    Predicate<String> entries = text -> ListFormat.isEntry(text, root);
    for (line = lines.nextEntry(entries); line != null; line = lines.nextEntry(entries)) {
      firstLine = firstLine == 0 ? lines.number() : firstLine;
      collector.add(entry(line), lines.number(), this::wrongLabel);
    }
    List<String> notes = new ArrayList<>(lines.notes());
    if (fromFolders) {
      notes.add(file + ": it has no labels, the folders of the videos are their classes");
    }
    return collector.list(file.toString(), own, notes);
  }

  private Entry entry(String line) throws VideoListException {
    int folder = firstLine == lines.number() || fromFolders ? folder(line) : -1;
    if (folder >= 0) {
      fromFolders = true;
      return new Entry(path(Fields.atBlanks(line).path()), folder);
    }
    if (fromFolders) {
      throw wrong("a label follows the path, but none on the lines before; a list has one format");
    }
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
    if (!format.separated()
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

  /** The class that is named as the folder in a line without numbers, -1 when none is. */
  private int folder(String line) throws VideoListException {
    Fields bare = Fields.atBlanks(line);
    if (labels == Labels.OPTIONAL || names.list().isEmpty() || bare.numbers(1) > 0) {
      return -1;
    }
    Path parent = path(bare.path()).getParent();
    String name =
        parent == null || parent.getFileName() == null
            ? ""
            : ClassNames.plain(parent.getFileName().toString());
    List<String> plain = names.list().stream().map(ClassNames::plain).toList();
    int label = plain.indexOf(name);
    if (fromFolders && label < 0) {
      throw wrong("no label follows the path, and its folder \"" + name + "\" is no class");
    }
    return label >= 0 && plain.lastIndexOf(name) == label ? label : -1;
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
      throw wrongLabel(
          "the label must not be negative, but is "
              + label
              + (format.numbers() == 2 ? " (a list of path, start and total has no labels)" : ""));
    }
    return label;
  }

  private int number(String text, String what) throws VideoListException {
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw wrongLabel(what + " must be a whole number, but is \"" + text + "\"");
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
    boolean blanks = !format.separated() && !ListFormat.hasSeparator(line);
    if (fields == null || format.separated() && fields.after().isEmpty() || !blanks) {
      return wrong(
          "the fields are not separated by %s as in the rest of the list; a list has one format"
              .formatted(format.separators()));
    }
    Fields bare = Fields.atBlanks(line);
    int numbers = format.separated() ? fields.after().size() : bare.numbers(ListFormat.MOST);
    if (labels == Labels.REQUIRED && numbers == 0) {
      String known = lines.number() == firstLine ? KNOWN : "";
      for (char separator : new char[] {',', ';'}) {
        List<String> apart = Fields.at(line, separator);
        if (!bare.severalWords() && apart != null && apart.size() > 1) {
          return wrongLabel(
              "the label must be a whole number, but is \"" + apart.getLast() + "\"" + known);
        }
      }
      return bare.severalWords()
          ? wrongLabel(
              "the label must be a whole number, but is \"" + lastWord(bare) + "\"" + known)
          : wrongLabel("no label follows the path " + bare.path() + known);
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

  /** An error about a label, unless it may be something else. */
  private VideoListException wrongLabel(String sentence) {
    VideoListException error = wrong(sentence);
    // The second of two numbers may be a count of frames, or there is no label at all.
    return labels == Labels.REQUIRED && format.numbers() != 2 && MeantLabel.endsIn(line, root)
        ? error.aboutClasses()
        : error;
  }

  private VideoListException wrong(String sentence) {
    return lines.wrong(sentence);
  }
}
