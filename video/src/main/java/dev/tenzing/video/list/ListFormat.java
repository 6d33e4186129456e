package dev.tenzing.video.list;

import dev.tenzing.video.decode.FrameFolder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.list.VideoList.Labels;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How the lines of a list are built, told from its beginning.
 *
 * @param commas whether commas separate the fields, else blanks do
 * @param numbers how many numbers follow the path
 * @param counted of two numbers, whether the first one counts frames and the second is a label;
 *     else they are the first frame and the count
 * @param header names of the columns, lower case; null without a header
 */
record ListFormat(boolean commas, int numbers, boolean counted, List<String> header) {
  /** The most numbers after a path: {@code path start total label}. */
  static final int MOST = 3;

  private static final int LINES = 1000;
  private static final int LOOKED_UP = 20;
  private static final Set<String> PATH_COLUMNS =
      Set.of("youtube_id", "path", "video_path", "video", "filename", "file");

  /** Reads the beginning of a list. */
  static ListFormat of(Path file, Path root, Labels labels) throws VideoListException {
    List<String> lines = new ArrayList<>();
    try (Lines all = new Lines(file)) {
      for (String line = all.nextEntry();
          line != null && lines.size() < LINES;
          line = all.nextEntry()) {
        lines.add(line);
      }
    }
    List<String> columns = lines.isEmpty() ? null : Fields.atCommas(lines.getFirst());
    if (columns != null && columns.size() > 1) {
      List<String> names = columns.stream().map(c -> c.toLowerCase(Locale.ROOT)).toList();
      if (names.stream().anyMatch(PATH_COLUMNS::contains)) {
        return new ListFormat(true, 0, false, names);
      }
    }
    long withCommas = lines.stream().filter(line -> commaNumbers(line) > 0).count();
    boolean tie = 2 * withCommas == lines.size() && !lines.isEmpty();
    boolean commas = tie ? commaNumbers(lines.getFirst()) > 0 : 2 * withCommas > lines.size();
    int[] votes = new int[MOST + 1];
    boolean[] certain = new boolean[MOST + 1];
    for (String line : lines) {
      int numbers = commas ? commaNumbers(line) : Fields.atBlanks(line).numbers(MOST);
      int vote = Math.clamp(numbers, labels == Labels.REQUIRED ? 1 : 0, MOST);
      votes[vote]++;
      certain[vote] |= commas || Fields.atBlanks(line).exact();
    }
    int numbers = largest(votes);
    // Unless quotes tell, all paths may end in a number.
    if (!certain[numbers] && numbers > (labels == Labels.REQUIRED ? 1 : 0)) {
      numbers -= pathsEndInNumbers(lines, numbers, root) ? 1 : 0;
    }
    ListFormat format = new ListFormat(commas, numbers, labels == Labels.REQUIRED, null);
    return numbers == 2 && labels == Labels.OPTIONAL && format.countsPictures(lines, root)
        ? new ListFormat(commas, numbers, true, null)
        : format;
  }

  /** Index of the largest, of equal ones the first. */
  private static int largest(int[] votes) {
    int best = 0;
    for (int i = 1; i < votes.length; i++) {
      best = votes[i] > votes[best] ? i : best;
    }
    return best;
  }

  /** How many numbers follow the first comma, -1 when something else does. */
  static int commaNumbers(String line) {
    if (line.indexOf(',') < 0) {
      return -1;
    }
    List<String> fields = Fields.atCommas(line);
    return fields != null
            && fields.size() > 1
            && fields.subList(1, fields.size()).stream().allMatch(Fields::isNumber)
        ? fields.size() - 1
        : -1;
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
      return Files.exists(root.resolve(path));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** The fields of a line of this format; null when commas are missing or quotes are not closed. */
  Fields fields(String line) {
    if (!commas) {
      Fields fields = Fields.atBlanks(line);
      return fields.exact() || fields.numbers(MOST) < numbers ? fields : fields.split(numbers);
    }
    List<String> all = Fields.atCommas(line);
    return all == null ? null : new Fields(all.getFirst(), true, all.subList(1, all.size()));
  }
}
