package dev.tenzing.video.list;

import dev.tenzing.video.decode.FrameFolder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList.Labels;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How the lines of a list are built, told from its beginning.
 *
 * @param separator what separates the fields: a comma, a semicolon, a tab, or a blank for any
 *     blanks
 * @param numbers how many numbers follow the path
 * @param counted of two numbers, whether the first one counts frames and the second is a label;
 *     else they are the first frame and the count
 * @param header names of the columns; null where lines are no table
 * @param headed whether the first line holds them
 */
record ListFormat(
    char separator, int numbers, boolean counted, List<String> header, boolean headed) {
  /** The most numbers after a path: {@code path start total label}. */
  static final int MOST = 3;

  private static final int LINES = 1000;
  private static final int LOOKED_UP = 20;
  private static final char[] SEPARATORS = {',', ';', '\t'};

  /** Reads the beginning of a list. */
  static ListFormat of(Path file, Path root, Labels labels) throws VideoListException {
    List<String> lines = new ArrayList<>();
    String first = null;
    try (Lines all = new Lines(file)) {
      for (String line = all.nextEntry(text -> isEntry(text, root));
          line != null && lines.size() < LINES;
          line = all.nextEntry(text -> isEntry(text, root))) {
        first = first == null ? all.whole() : first;
        lines.add(line);
      }
    }
    ListFormat table = lines.isEmpty() ? null : table(file, root, first, lines);
    if (table != null) {
      return table;
    }
    char separator = ' ';
    long most = 0;
    for (char candidate : SEPARATORS) {
      long with = lines.stream().filter(line -> numbersAfter(line, candidate) > 0).count();
      boolean tie = 2 * with == lines.size() && !lines.isEmpty();
      boolean usual = tie ? numbersAfter(lines.getFirst(), candidate) > 0 : 2 * with > lines.size();
      if (usual && with > most) {
        separator = candidate;
        most = with;
      }
    }
    boolean blanks = separator == ' ';
    int fewest = labels == Labels.REQUIRED ? 1 : 0;
    int[] votes = new int[MOST + 1];
    boolean[] certain = new boolean[MOST + 1];
    for (String line : lines) {
      int numbers = blanks ? Fields.atBlanks(line).numbers(MOST) : numbersAfter(line, separator);
      int vote = Math.clamp(numbers, fewest, MOST);
      votes[vote]++;
      certain[vote] |= !blanks || Fields.atBlanks(line).exact();
    }
    int numbers = largest(votes);
    // Unless quotes tell, all paths may end in a number.
    if (!certain[numbers] && numbers > fewest) {
      numbers -= pathsEndInNumbers(lines, numbers, root) ? 1 : 0;
    }
    ListFormat format = new ListFormat(separator, numbers, labels == Labels.REQUIRED, null, false);
    return numbers == 2 && labels == Labels.OPTIONAL && format.countsPictures(lines, root)
        ? new ListFormat(separator, numbers, true, null, false)
        : format;
  }

  /** Whether the fields are separated by one character, else by blanks. */
  boolean separated() {
    return separator != ' ';
  }

  /** What separates the fields, in words. */
  String separators() {
    return switch (separator) {
      case ',' -> "commas";
      case ';' -> "semicolons";
      case '\t' -> "tabs";
      default -> "blanks";
    };
  }

  /** The format of a table, null when it is none. */
  private static ListFormat table(Path file, Path root, String first, List<String> lines)
      throws VideoListException {
    for (char separator : SEPARATORS) {
      List<String> columns = Fields.at(first, separator);
      if (columns == null || columns.size() < 2) {
        continue;
      }
      List<String> names = columns.stream().map(Columns::plain).toList();
      if (Columns.namesVideos(names)) {
        return new ListFormat(separator, 0, false, names, true);
      }
      if (lines.size() > 1 && looksLikeHeader(columns, Fields.at(lines.get(1), separator), root)) {
        throw new VideoListException(
            "%s line 1: no column of this table is known to name the videos: it has %s; looked for %s"
                .formatted(file, String.join(", ", names), String.join(", ", Columns.VIDEOS)));
      }
    }
    // Something-Something V1: number;sentence.
    boolean sentences =
        lines.stream()
            .map(line -> Fields.at(line, ';'))
            .allMatch(f ->
                f != null
                    && f.size() == 2
                    && Fields.isNumber(f.get(0))
                    && !Fields.isNumber(f.get(1)));
    return sentences ? new ListFormat(';', 0, false, List.of("id", "label"), false) : null;
  }

  /** Words alone above a line with a video and something else. */
  private static boolean looksLikeHeader(List<String> columns, List<String> below, Path root) {
    boolean words =
        columns.stream()
            .allMatch(c ->
                c.matches("[\\p{L}_][\\p{L}\\d_ -]{0,40}")
                    && !VideoTree.isVideo(c)
                    && !exists(root, c));
    return words
        && below != null
        && below.size() == columns.size()
        && below.stream().anyMatch(f -> VideoTree.isVideo(f) || exists(root, f));
  }

  /** Whether a line that begins with # names a file that there is. */
  static boolean isEntry(String line, Path root) {
    List<String> paths = new ArrayList<>();
    Fields bare = Fields.atBlanks(line);
    for (int numbers = 0; numbers <= bare.numbers(MOST); numbers++) {
      paths.add(bare.split(numbers).path());
    }
    for (char separator : SEPARATORS) {
      List<String> fields = line.indexOf(separator) < 0 ? null : Fields.at(line, separator);
      if (fields != null) {
        paths.add(fields.getFirst());
      }
    }
    return paths.stream().anyMatch(path -> exists(root, path));
  }

  /** Index of the largest, of equal ones the first. */
  private static int largest(int[] votes) {
    int best = 0;
    for (int i = 1; i < votes.length; i++) {
      best = votes[i] > votes[best] ? i : best;
    }
    return best;
  }

  /** How many numbers follow the first separator, -1 when something else does. */
  static int numbersAfter(String line, char separator) {
    if (line.indexOf(separator) < 0) {
      return -1;
    }
    List<String> fields = Fields.at(line, separator);
    return fields != null
            && fields.size() > 1
            && fields.subList(1, fields.size()).stream().allMatch(Fields::isNumber)
        ? fields.size() - 1
        : -1;
  }

  /** Whether numbers alone follow a separator of the line. */
  static boolean hasSeparator(String line) {
    return numbersAfter(line, ',') >= 0
        || numbersAfter(line, ';') >= 0
        || numbersAfter(line, '\t') >= 0;
  }

  /** Whether the files that exist have the first of the numbers in their names. */
  private static boolean pathsEndInNumbers(List<String> lines, int numbers, Path root) {
    int longer = 0;
    int shorter = 0;
    for (String line : lines.subList(0, Math.min(LOOKED_UP, lines.size()))) {
      Fields fields = Fields.atBlanks(line);
      if (fields.numbers(MOST) == numbers) {
        longer += exists(root, fields.split(numbers - 1).path()) ? 1 : 0;
        shorter += exists(root, fields.split(numbers).path()) ? 1 : 0;
      }
    }
    return longer > shorter;
  }

  /** Whether a list read for pre-training has {@code path total label} for folders of pictures. */
  private boolean countsPictures(List<String> lines, Path root) {
    int counts = 0;
    int parts = 0;
    for (String line : lines.subList(0, Math.min(LOOKED_UP, lines.size()))) {
      Fields fields = fields(line);
      if (fields == null || fields.after().size() != 2 || !exists(root, fields.path())) {
        continue;
      }
      try {
        Path path = root.resolve(fields.path());
        if (FrameFolder.is(path)) {
          FrameFolder folder = FrameFolder.open(path);
          long one = Long.parseLong(fields.after().get(0));
          long two = Long.parseLong(fields.after().get(1));
          int size = folder.pictures().size();
          parts += one >= folder.first() && one - folder.first() + two <= size ? 1 : 0;
          counts += one == size ? 1 : 0;
        }
      } catch (VideoException | NumberFormatException e) {
        // Says nothing about the format; the line is judged when it is read.
      }
    }
    return counts > parts;
  }

  static boolean exists(Path root, String path) {
    try {
      return !path.isEmpty() && Files.exists(root.resolve(path));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** The fields of a line of this format; null when quotes are not closed. */
  Fields fields(String line) {
    if (!separated()) {
      Fields fields = Fields.atBlanks(line);
      return fields.exact() || fields.numbers(MOST) < numbers ? fields : fields.split(numbers);
    }
    List<String> all = Fields.at(line, separator);
    return all == null ? null : new Fields(all.getFirst(), true, all.subList(1, all.size()));
  }
}
