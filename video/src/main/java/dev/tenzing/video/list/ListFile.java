package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoList.Labels;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a list file: a path and up to two numbers a line, separated by blanks, in UTF-8 with or
 * without byte order mark and with any line ends. Empty lines and lines that begin with {@code #}
 * say nothing.
 *
 * <p>The numbers are the last fields, so a path may hold blanks. Where that can be read in two ways
 * ({@code my clip 12 3}) the path that exists is meant; quotes settle it: {@code "my clip 12" 3}.
 */
final class ListFile {
  private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"\\s*(.*)");
  private static final Pattern LAST_FIELD = Pattern.compile("(.*\\S)\\s+(\\S+)");
  private static final long LARGEST = 1L << 30;
  private static final Pattern NUMBER = Pattern.compile("[+-]?\\d+");

  private final Path file;
  private final Path root;
  private final Labels labels;
  private final int classes;
  private int line;

  private ListFile(Path file, Path root, Labels labels, int classes) {
    this.file = file;
    this.root = root;
    this.labels = labels;
    this.classes = classes;
  }

  static VideoList read(Path file, Path root, Labels labels, int classes)
      throws VideoListException {
    Path folder = root != null ? root : file.toAbsolutePath().getParent();
    return new ListFile(file, folder, labels, classes).read();
  }

  private VideoList read() throws VideoListException {
    List<Entry> entries = new ArrayList<>();
    List<String> names;
    try {
      if (Files.size(file) > LARGEST) {
        throw new VideoListException(file + ": this is too large to be a list of videos");
      }
      for (String text : Files.readString(file, StandardCharsets.UTF_8).split("\r\n|\n|\r", -1)) {
        line++;
        String bare = (line == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text).strip();
        if (bare.indexOf('\0') >= 0) {
          throw new VideoListException(file + ": this is no list of videos, it holds binary data");
        }
        if (!bare.isEmpty() && !bare.startsWith("#")) {
          entries.add(entry(bare));
        }
      }
      names = VideoList.namesBeside(file);
    } catch (CharacterCodingException e) {
      throw new VideoListException(file + ": this is no list of videos in UTF-8");
    } catch (IOException e) {
      throw new VideoListException(file + ": the list cannot be read (" + e.getMessage() + ")");
    }
    return new VideoList(file.toString(), entries, 0, names);
  }

  private Entry entry(String text) throws VideoListException {
    Matcher quoted = QUOTED.matcher(text);
    if (quoted.matches()) {
      String rest = quoted.group(2).strip();
      return entry(path(quoted.group(1)), rest.isEmpty() ? new String[0] : rest.split("\\s+"));
    }
    Matcher last = LAST_FIELD.matcher(text);
    if (!last.matches()) {
      return entry(path(text), new String[0]);
    }
    String before = last.group(1);
    String number = last.group(2);
    if (!NUMBER.matcher(number).matches()) {
      // Without labels a path may end in words; with them, the last word should have been one.
      return labels == Labels.OPTIONAL
          ? entry(path(text), new String[0])
          : entry(path(before), new String[] {number});
    }
    Matcher secondLast = LAST_FIELD.matcher(before);
    if (secondLast.matches()
        && NUMBER.matcher(secondLast.group(2)).matches()
        && !Files.exists(path(before))) {
      return entry(path(secondLast.group(1)), new String[] {secondLast.group(2), number});
    }
    return entry(path(before), new String[] {number});
  }

  private Entry entry(Path path, String[] fields) throws VideoListException {
    if (fields.length > 2) {
      throw wrong("more than two numbers follow the path");
    }
    if (labels == Labels.REQUIRED) {
      if (fields.length == 0) {
        throw wrong("no label follows the path " + path);
      }
      return new Entry(path, label(fields[fields.length - 1]), 0, -1);
    }
    if (fields.length < 2) {
      return new Entry(path, -1, 0, -1);
    }
    int start = number(fields[0], "the first frame");
    int total = number(fields[1], "the number of frames");
    if (start < 0) {
      throw wrong("the first frame must not be negative, but is " + start);
    }
    return new Entry(path, -1, start, total > 0 ? total : -1);
  }

  private int label(String text) throws VideoListException {
    int label = number(text, "the label");
    if (label < 0) {
      throw wrong("the label must not be negative, but is " + label);
    }
    if (classes > 0 && label >= classes) {
      throw wrong(
          "label %d is out of range, the labels of %d classes are 0 to %d"
              .formatted(label, classes, classes - 1));
    }
    return label;
  }

  private int number(String text, String what) throws VideoListException {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw wrong(what + " must be a whole number, but is \"" + text + "\"");
    }
  }

  private Path path(String text) throws VideoListException {
    try {
      return root.resolve(text);
    } catch (InvalidPathException e) {
      throw wrong("\"" + text + "\" is no path on this system (" + e.getReason() + ")");
    }
  }

  private VideoListException wrong(String sentence) {
    return new VideoListException(file + " line " + line + ": " + sentence);
  }
}
