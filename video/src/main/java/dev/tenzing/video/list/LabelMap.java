package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * From the labels of one data set to those of a merged one, as Kinetics-710 merges Kinetics-400,
 * -600 and -700. Training on the merged set takes each label {@code i} as {@code classes[i]};
 * evaluation on one of the sets takes the scores of {@code classes[i]} for those of label {@code
 * i}.
 *
 * @param name the file, for messages
 * @param classes class of the merged set by label of the data set
 */
public record LabelMap(String name, List<Integer> classes) {
  /** Keeps a copy. */
  public LabelMap {
    classes = List.copyOf(classes);
  }

  /**
   * Reads a map: a JSON array of numbers as VideoMAE V2's {@code label_710to400.json}, or the names
   * of the data set's classes, one a line, which are looked for among the merged ones.
   *
   * @param merged names of the merged classes; needed for a map of names
   * @param count how many merged classes there are, 0 when not known
   * @param same other names by name, as in {@code k710_identical_label_merge.json}
   */
  public static LabelMap read(Path file, List<String> merged, int count, Map<String, String> same)
      throws VideoListException {
    boolean json = file.toString().toLowerCase(Locale.ROOT).endsWith(".json");
    if (!json) {
      return byName(file.toString(), ClassNames.read(file).list(), merged, same);
    }
    List<Integer> classes = numbers(file);
    for (int i = 0; i < classes.size(); i++) {
      int to = classes.get(i);
      int most = count > 0 ? count : Collector.MOST_CLASSES;
      if (to < 0 || to >= most) {
        throw new VideoListException(
            "%s: label %s becomes %s, but there are %s%s classes"
                .formatted(file, i, to, count > 0 ? "" : "at most ", most));
      }
    }
    return new LabelMap(file.toString(), classes);
  }

  /** Reads other names by name: a JSON object of texts. */
  public static Map<String, String> readSynonyms(Path file) throws VideoListException {
    try (JsonReader json = new JsonReader(file)) {
      Map<String, String> same = new HashMap<>();
      if (!(json.read() instanceof Map<?, ?> map)) {
        throw new VideoListException(file + ": an object of names is expected");
      }
      for (Map.Entry<?, ?> pair : map.entrySet()) {
        if (!(pair.getValue() instanceof String to)) {
          throw new VideoListException(file + ": \"" + pair.getKey() + "\" must name a class");
        }
        same.put((String) pair.getKey(), to);
      }
      return same;
    }
  }

  /** Reads names of classes, one a line. */
  public static List<String> readNames(Path file) throws VideoListException {
    return ClassNames.read(file).list();
  }

  private static List<Integer> numbers(Path file) throws VideoListException {
    List<Integer> classes = new ArrayList<>();
    try (JsonReader json = new JsonReader(file)) {
      if (!(json.read() instanceof List<?> list) || list.isEmpty()) {
        throw new VideoListException(
            file + ": an array of numbers is expected, one for each label");
      }
      for (Object value : list) {
        if (!(value instanceof Double number) || number != Math.rint(number)) {
          throw new VideoListException(
              "%s: label %s becomes \"%s\", a whole number is expected"
                  .formatted(file, classes.size(), value));
        }
        classes.add(number.intValue());
      }
    }
    return classes;
  }

  /**
   * Looks for the classes of a data set among the merged ones.
   *
   * @param name the data set, for messages
   * @param own names of its classes, by label
   */
  static LabelMap byName(
      String name, List<String> own, List<String> merged, Map<String, String> same)
      throws VideoListException {
    if (merged.isEmpty()) {
      throw new VideoListException(
          name + ": names of classes need the names of the merged classes, which are not known");
    }
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < merged.size(); i++) {
      numbers.putIfAbsent(ClassNames.plain(merged.get(i)), i);
    }
    Map<String, String> plainSame = new HashMap<>();
    same.forEach((from, to) -> plainSame.put(ClassNames.plain(from), ClassNames.plain(to)));
    List<Integer> classes = new ArrayList<>();
    for (String label : own) {
      Integer number = numbers.get(ClassNames.plain(label));
      if (number == null) {
        number = numbers.get(plainSame.get(ClassNames.plain(label)));
      }
      if (number == null) {
        throw new VideoListException(
                "%s: the class \"%s\" is not among the %s that are known"
                    .formatted(name, label, merged.size()))
            .aboutClasses();
      }
      classes.add(number);
    }
    return new LabelMap(name, classes);
  }

  /** How many labels the data set has. */
  public int labels() {
    return classes.size();
  }

  /** The videos with their merged labels. */
  List<Entry> apply(List<Entry> videos) {
    return videos.stream()
        .map(v -> v.withAnnotation(v.annotation().renumbered(classes::get)))
        .toList();
  }
}
