package dev.tenzing.video.list;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells a line that ends in a label, if a wrong one, from a line that is a path alone. Where no
 * labels are needed, the first must not pass for the second.
 */
final class MeantLabel {
  private static final String SEPARATORS = ",;|:=";

  /** Of a long line, the end alone is looked at. */
  private static final int TRIED = 64;

  private MeantLabel() {}

  /** Whether a video and something after it stand in the line, and the line itself is no file. */
  static boolean endsIn(String line, Path root) {
    if (ListFormat.exists(root, line)) {
      return false;
    }
    int tried = 0;
    for (int i = line.length() - 1; i > 0 && tried < TRIED; i--) {
      char c = line.charAt(i);
      if (Lines.isBlank(c) || SEPARATORS.indexOf(c) >= 0) {
        tried++;
        String path = line.substring(0, i).strip();
        boolean quoted = path.length() > 1 && path.startsWith("\"") && path.endsWith("\"");
        path = quoted ? path.substring(1, path.length() - 1) : path;
        String after = line.substring(i + 1).strip();
        if (!after.isEmpty()
            && after.indexOf('/') < 0
            && !(after.indexOf('.') >= 0 && VideoTree.isVideo(after))
            && isVideo(path, after, root)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isVideo(String path, String after, Path root) {
    if (path.indexOf('.') >= 0 && VideoTree.isVideo(path)) {
      return true;
    }
    if (!ListFormat.exists(root, path)) {
      return false;
    }
    // A folder may be one of pictures, or the beginning of a name with blanks.
    return !Files.isDirectory(root.resolve(path)) || after.matches("[-+]?[\\p{Nd}.]+");
  }
}
