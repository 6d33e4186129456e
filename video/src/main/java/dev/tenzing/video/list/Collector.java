package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Gathers the entries of a list, notices those that are there already, and tells whether the labels
 * count from 0 or from 1.
 */
final class Collector {
  private record Key(Path path, Part part) {}

  /** Where an entry was met first. */
  private record Met(int line, int label) {}

  /** The most classes: a head of more is no classifier, and larger labels are other numbers. */
  static final int MOST_CLASSES = 1 << 20;

  private final ClassNames names;
  private final int classes;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<Key, Met> met = new HashMap<>();
  private final List<String> notes = new ArrayList<>();
  private final BitSet labels = new BitSet();
  private VideoListException beyond;
  private int smallest = Integer.MAX_VALUE;
  private int largest = -1;
  private String firstTwice;
  private int twice;

  /**
   * @param names of the classes, as far as they are known
   * @param classes how many there are, 0 when that is not known
   */
  Collector(ClassNames names, int classes) {
    this.names = names;
    this.classes = names.list().isEmpty() ? classes : names.list().size();
  }

  /**
   * Takes an entry.
   *
   * @param wrong an error about the line
   * @throws VideoListException when it is there already with another label, or the label is none
   */
  void add(Entry entry, int line, Function<String, VideoListException> wrong)
      throws VideoListException {
    // One file may be spelled in two ways.
    Path path = entry.path().toAbsolutePath().normalize();
    Met before = met.putIfAbsent(new Key(path, entry.part()), new Met(line, entry.label()));
    if (before != null) {
      if (before.label != entry.label()) {
        throw wrong
            .apply(
                "%s has label %s here and label %s on line %s"
                    .formatted(entry.path(), entry.label(), before.label, before.line))
            .aboutClasses();
      }
      if (twice++ == 0) {
        firstTwice =
            "%s is listed on line %s and again on line %s"
                .formatted(entry.path(), before.line, line);
      }
    }
    if (entry.label() >= 0) {
      checkLabel(entry.label(), wrong);
    }
    entries.add(entry);
  }

  private void checkLabel(int label, Function<String, VideoListException> wrong)
      throws VideoListException {
    smallest = Math.min(smallest, label);
    largest = Math.max(largest, label);
    if (label >= MOST_CLASSES) {
      throw wrong.apply(
          "label %s is no number of a class, of which there are at most %s"
              .formatted(label, MOST_CLASSES));
    }
    labels.set(label);
    if (classes == 0 || label < classes) {
      return;
    }
    VideoListException error =
        wrong.apply(
            names.where() == null
                ? "label %s is out of range, the labels of %s classes are 0 to %s"
                    .formatted(label, classes, classes - 1)
                : "label %s has no name, %s names %s classes: 0 to %s"
                    .formatted(label, names.where(), classes, classes - 1));
    if (label > classes) {
      throw error.aboutClasses();
    }
    beyond = beyond == null ? error.aboutClasses() : beyond;
  }

  /**
   * All of them as a list.
   *
   * @param classNames what the list itself names its classes
   * @param more notes
   */
  VideoList list(String name, List<String> classNames, List<String> more)
      throws VideoListException {
    String why = fromOne();
    if (why == null && beyond != null) {
      throw beyond;
    }
    if (why != null) {
      entries.replaceAll(e -> e.withAnnotation(e.annotation().renumbered(label -> label - 1)));
      notes.add(name + ": its labels count from 1, " + why + "; label 1 is the first class");
    } else if (classes == 0 && smallest == 1 && largest > 1 && labels.cardinality() == largest) {
      notes.add(
          "%s: no video has label 0, so the first of %s classes is empty; if its labels count from 1, write the names into a classes.txt beside it"
              .formatted(name, largest + 1));
    }
    if (twice > 0) {
      notes.add(
          name
              + ": "
              + firstTwice
              + (twice == 1 ? "" : "; %s lines repeat others".formatted(twice)));
    }
    notes.addAll(more);
    return new VideoList(name, entries, 0, classNames, notes);
  }

  /** Why the labels count from 1, null when they do not. */
  private String fromOne() {
    if (largest < 0 || smallest < 1 || names.first() == 0) {
      return null;
    }
    if (names.first() == 1) {
      return "as " + names.where().getFileName() + " does";
    }
    if (classes > 0 && largest == classes) {
      return "from 1 to the number of classes, " + classes;
    }
    return asFolders() ? "in the order of the folders of the videos" : null;
  }

  /** Whether the folders that the videos lie in are the classes, counted from 1. */
  private boolean asFolders() {
    Map<Integer, String> byLabel = new TreeMap<>();
    Set<String> folders = new HashSet<>();
    for (Entry entry : entries) {
      Path folder = entry.path().getParent();
      if (folder == null || folder.getFileName() == null) {
        return false;
      }
      String plain = ClassNames.plain(folder.getFileName().toString());
      String other = byLabel.putIfAbsent(entry.label(), plain);
      if (other != null && !other.equals(plain)) {
        return false;
      }
      folders.add(plain);
    }
    if (folders.size() != byLabel.size() || folders.size() < 2) {
      return false;
    }
    if (!names.list().isEmpty()) {
      return byLabel.entrySet().stream()
          .allMatch(e -> e.getValue().equals(ClassNames.plain(names.list().get(e.getKey() - 1))));
    }
    List<String> inOrder = List.copyOf(byLabel.values());
    return largest == byLabel.size() && inOrder.equals(inOrder.stream().sorted().toList());
  }
}
