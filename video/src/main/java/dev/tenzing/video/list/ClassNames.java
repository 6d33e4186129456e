package dev.tenzing.video.list;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Names of classes, from files with one name a line. */
final class ClassNames {
  private ClassNames() {}

  /** Class names in {@code classes.txt} beside a list; empty when there is none. */
  static List<String> beside(Path list) throws VideoListException {
    Path names = list.toAbsolutePath().resolveSibling("classes.txt");
    return Files.isRegularFile(names) ? read(names) : List.of();
  }

  /** The names in a file, one a line. */
  static List<String> read(Path file) throws VideoListException {
    List<String> names = new ArrayList<>();
    try (Lines lines = new Lines(file)) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        if (!line.isEmpty()) {
          names.add(line);
        }
      }
    }
    return names;
  }

  /** Rejects a label beyond {@code classes}, when there is such a limit. */
  static void check(int label, int classes, Function<String, VideoListException> wrong)
      throws VideoListException {
    if (classes > 0 && label >= classes) {
      throw wrong.apply(
          "label %s is out of range, the labels of %s classes are 0 to %s"
              .formatted(label, classes, classes - 1));
    }
  }
}
