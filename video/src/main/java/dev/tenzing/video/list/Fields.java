package dev.tenzing.video.list;

import java.util.ArrayList;
import java.util.List;

/**
 * The fields of one line: what may be the path, and what follows it.
 *
 * @param path the quoted path, the first of comma-separated fields, or all of a line whose fields
 *     blanks separate
 * @param exact whether the path ends where it says; else numbers at its end may be fields
 * @param after the fields after an exact path
 */
record Fields(String path, boolean exact, List<String> after) {
  /** Splits at blanks: a quoted path is exact, another may go on to the end of the line. */
  static Fields atBlanks(String line) {
    StringBuilder path = new StringBuilder();
    int end = quoted(line, 0, path);
    boolean closed = end > 0 && (end == line.length() || Lines.isBlank(line.charAt(end)));
    return closed && !path.isEmpty()
        ? new Fields(path.toString(), true, words(line, end))
        : new Fields(line, false, List.of());
  }

  /**
   * Splits at commas or another separator (RFC 4180); null when quotes are not closed or not around
   * a whole field.
   */
  static List<String> at(String line, char separator) {
    List<String> fields = new ArrayList<>();
    int at = 0;
    while (true) {
      int from = at;
      while (from < line.length() && blank(line.charAt(from), separator)) {
        from++;
      }
      StringBuilder text = new StringBuilder();
      int end = quoted(line, from, text);
      int next;
      if (end > from) {
        next = end;
        while (next < line.length() && blank(line.charAt(next), separator)) {
          next++;
        }
        if (next < line.length() && line.charAt(next) != separator) {
          return null;
        }
        fields.add(text.toString());
      } else if (line.startsWith("\"", from)) {
        return null;
      } else {
        int found = line.indexOf(separator, at);
        next = found < 0 ? line.length() : found;
        fields.add(line.substring(at, next).strip());
      }
      if (next == line.length()) {
        return fields;
      }
      at = next + 1;
    }
  }

  private static boolean blank(char c, char separator) {
    return c != separator && Lines.isBlank(c);
  }

  /**
   * Reads a quoted text; two quotes in it are one.
   *
   * @return where it ends, {@code from} when no quoted text begins there
   */
  private static int quoted(String line, int from, StringBuilder text) {
    if (!line.startsWith("\"", from)) {
      return from;
    }
    for (int i = from + 1; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c != '"') {
        text.append(c);
      } else if (i + 1 < line.length() && line.charAt(i + 1) == '"') {
        text.append(c);
        i++;
      } else {
        return i + 1;
      }
    }
    return from;
  }

  private static List<String> words(String line, int from) {
    List<String> words = new ArrayList<>();
    int at = from;
    while (at < line.length()) {
      int end = at;
      while (end < line.length() && !Lines.isBlank(line.charAt(end))) {
        end++;
      }
      if (end > at) {
        words.add(line.substring(at, end));
      }
      at = end + 1;
    }
    return words;
  }

  /** How many whole numbers end the line, at most {@code most}; a path is left before them. */
  int numbers(int most) {
    if (exact) {
      return after.size();
    }
    int count = 0;
    int end = path.length();
    while (count < most) {
      int start = lastWord(end);
      if (start <= 0 || !isNumber(path, start, end)) {
        return count;
      }
      count++;
      end = beforeBlanks(start);
    }
    return count;
  }

  /** The same line with the last {@code count} words as fields. */
  Fields split(int count) {
    if (exact) {
      return this;
    }
    List<String> words = new ArrayList<>();
    int end = path.length();
    for (int i = 0; i < count; i++) {
      int start = lastWord(end);
      words.addFirst(path.substring(start, end));
      end = beforeBlanks(start);
    }
    return new Fields(path.substring(0, end), true, words);
  }

  /** Whether more than one word stands there. */
  boolean severalWords() {
    return exact ? !after.isEmpty() : lastWord(path.length()) > 0;
  }

  private int lastWord(int end) {
    int start = end;
    while (start > 0 && !Lines.isBlank(path.charAt(start - 1))) {
      start--;
    }
    return start;
  }

  private int beforeBlanks(int start) {
    int end = start;
    while (end > 0 && Lines.isBlank(path.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  /** Whether a text is a whole number, of whatever size. */
  static boolean isNumber(String text) {
    return isNumber(text, 0, text.length());
  }

  private static boolean isNumber(String text, int from, int to) {
    boolean signed = from < to && (text.charAt(from) == '-' || text.charAt(from) == '+');
    int digits = signed ? from + 1 : from;
    for (int i = digits; i < to; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return digits < to;
  }
}
