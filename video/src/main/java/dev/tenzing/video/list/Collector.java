package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gathers the entries of a list and notices those that are there already. */
final class Collector {
  private record Key(Path path, Part part) {}

  /** Where an entry was met first. */
  private record Met(int line, int label) {}

  private final List<Entry> entries = new ArrayList<>();
  private final Map<Key, Met> met = new HashMap<>();
  private String firstTwice;
  private int twice;

  /**
   * Takes an entry.
   *
   * @throws VideoListException when it is there already with another label
   */
  void add(Entry entry, Lines lines) throws VideoListException {
    int line = lines.number();
    Met before = met.putIfAbsent(new Key(entry.path(), entry.part()), new Met(line, entry.label()));
    if (before != null) {
      if (before.label != entry.label()) {
        throw lines.wrong(
            "%s has label %s here and label %s on line %s"
                .formatted(entry.path(), entry.label(), before.label, before.line));
      }
      if (twice++ == 0) {
        firstTwice =
            "%s is listed on line %s and again on line %s"
                .formatted(entry.path(), before.line, line);
      }
    }
    entries.add(entry);
  }

  /** All of them as a list. */
  VideoList list(String name, List<String> classNames) {
    List<String> notes =
        twice == 0
            ? List.of()
            : List.of(
                name
                    + ": "
                    + firstTwice
                    + (twice == 1 ? "" : "; %s lines repeat others".formatted(twice)));
    return new VideoList(name, entries, 0, classNames, notes);
  }
}
