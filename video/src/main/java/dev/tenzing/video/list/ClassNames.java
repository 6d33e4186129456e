package dev.tenzing.video.list;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Names of classes, from files with one name a line; also with a number before or behind each, as
 * UCF101's {@code classInd.txt} has.
 *
 * @param list the names, in order; empty when there are none
 * @param first the number that the file gives to the first of them, -1 when it gives none
 * @param where the file; null when there is none
 */
record ClassNames(List<String> list, int first, Path where) {
  private static final ClassNames NONE = new ClassNames(List.of(), -1, null);
  private static final List<String> FILES = List.of("classes.txt", "classInd.txt");

  /** Class names in a file of the usual name beside a list; empty when there is none. */
  static ClassNames beside(Path list) throws VideoListException {
    for (String name : FILES) {
      Path file = list.toAbsolutePath().resolveSibling(name);
      if (Files.isRegularFile(file) && !file.equals(list.toAbsolutePath())) {
        return read(file);
      }
    }
    return NONE;
  }

  /** Names that something else than a file gives. */
  static ClassNames of(List<String> names) {
    return new ClassNames(names, -1, null);
  }

  /** The names in a file: lines, or JSON whose object numbers them or whose array lists them. */
  static ClassNames read(Path file) throws VideoListException {
    if (file.toString().toLowerCase(Locale.ROOT).endsWith(".json")) {
      return fromJson(file);
    }
    List<String> names = new ArrayList<>();
    try (Lines lines = new Lines(file)) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        if (!line.isEmpty()) {
          names.add(line);
        }
      }
    }
    boolean header = names.size() > 1 && names.getFirst().matches("(?i)id[,;\t ]+name");
    ClassNames numbered = numbered(file, header ? names.subList(1, names.size()) : names);
    return numbered == null ? new ClassNames(List.copyOf(names), -1, file) : numbered;
  }

  private static ClassNames fromJson(Path file) throws VideoListException {
    try (JsonReader json = new JsonReader(file)) {
      Object value = json.read();
      if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
        return new ClassNames(list.stream().map(String.class::cast).toList(), -1, file);
      }
      Map<Integer, String> byNumber = new TreeMap<>();
      if (value instanceof Map<?, ?> map) {
        map.forEach((name, number) -> {
          String text = number instanceof Double d && d == d.intValue() ? "" + d.intValue() : "";
          byNumber.put(number(number instanceof String s ? s : text), (String) name);
        });
        ClassNames names = inOrder(file, byNumber, map.size());
        if (names != null) {
          return names;
        }
      }
      throw new VideoListException(
          file
              + ": names of classes are expected, an array of them or an object that numbers them");
    }
  }

  /** The names without their numbers, null unless each line has one and none is left out. */
  private static ClassNames numbered(Path file, List<String> lines) {
    Map<Integer, String> before = new TreeMap<>();
    Map<Integer, String> behind = new TreeMap<>();
    for (String line : lines) {
      int digits = 0;
      while (digits < line.length() && isDigit(line.charAt(digits))) {
        digits++;
      }
      int name = digits;
      while (name < line.length() && separates(line.charAt(name))) {
        name++;
      }
      if (digits > 0 && name > digits && name < line.length()) {
        before.put(number(line.substring(0, digits)), line.substring(name));
      }
      int number = line.length();
      while (number > 0 && isDigit(line.charAt(number - 1))) {
        number--;
      }
      int end = number;
      while (end > 0 && separates(line.charAt(end - 1))) {
        end--;
      }
      if (number < line.length() && end > 0 && end < number) {
        behind.put(number(line.substring(number)), line.substring(0, end));
      }
    }
    ClassNames names = inOrder(file, before, lines.size());
    return names != null ? names : inOrder(file, behind, lines.size());
  }

  private static ClassNames inOrder(Path file, Map<Integer, String> byNumber, int count) {
    List<Integer> numbers = List.copyOf(byNumber.keySet());
    if (count == 0 || numbers.size() != count || numbers.getFirst() < 0 || numbers.getFirst() > 1) {
      return null;
    }
    return numbers.getLast() - numbers.getFirst() == count - 1
        ? new ClassNames(List.copyOf(byNumber.values()), numbers.getFirst(), file)
        : null;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean separates(char c) {
    return Lines.isBlank(c) || c == ',' || c == ';' || c == ':';
  }

  private static int number(String digits) {
    return digits.isEmpty()
            || digits.length() > 9
            || !digits.chars().allMatch(c -> isDigit((char) c))
        ? -1
        : Integer.parseInt(digits);
  }

  /** How names are compared: versions of a data set differ in case and underscores for blanks. */
  static String plain(String name) {
    return Letters.small(name.strip().replace('_', ' '));
  }
}
