package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Entry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Several lists as one: the unlabelled and labelled hybrids of VideoMAE V2. */
public final class Mixture {
  private Mixture() {}

  /**
   * The videos of all lists, one list after the other.
   *
   * <p>Lists that name their classes are merged by name: a class of one is that of the same name in
   * another. Where no list has names, labels mean the same in all.
   *
   * @param name of the mixture, for messages
   * @param lists each already from its source
   * @param classes how many classes there are, 0 when the labels shall tell
   * @param classNames names of the classes, when the labels are those of a merged set already
   * @throws VideoListException when some lists name their classes in ways that need merging, and
   *     others do not name theirs
   */
  public static VideoList of(
      String name, List<VideoList> lists, int classes, List<String> classNames)
      throws VideoListException {
    List<String> names = classNames;
    List<VideoList> merged = lists;
    if (names.isEmpty()) {
      Set<String> union = new LinkedHashSet<>();
      lists.forEach(list -> union.addAll(list.classNames()));
      names = List.copyOf(union);
      merged = new ArrayList<>();
      for (VideoList list : lists) {
        if (list.classNames().isEmpty() && list.classes() > 0 && !names.isEmpty()) {
          throw new VideoListException(
              name
                  + ": "
                  + list.name()
                  + " does not name its classes and others do; write a classes.txt beside it");
        }
        merged.add(
            list.classNames().isEmpty() || list.classNames().equals(names)
                ? list
                : list.merged(
                    LabelMap.byName(list.name(), list.classNames(), names, Map.of()),
                    names.size(),
                    names));
      }
    }
    List<Entry> videos = merged.stream().flatMap(list -> list.videos().stream()).toList();
    List<String> notes = lists.stream().flatMap(list -> list.notes().stream()).toList();
    int largest = VideoList.largestClass(videos);
    int count = classes > 0 ? classes : Math.max(largest + 1, largest < 0 ? 0 : names.size());
    if (classes > 0 && !names.isEmpty() && names.size() != classes) {
      throw new VideoListException(
          "%s: the lists name %s classes, not %s".formatted(name, names.size(), classes));
    }
    return new VideoList(name, videos, count, largest < 0 ? List.of() : names, notes);
  }

  /** A sentence about each source; none for a list that is not mixed. */
  public static List<String> describe(VideoList list) {
    Map<Source, Integer> counts = new LinkedHashMap<>();
    list.videos().forEach(video -> counts.merge(video.source(), 1, Integer::sum));
    if (counts.size() == 1 && counts.containsKey(Source.ALONE)) {
      return List.of();
    }
    return counts.entrySet().stream()
        .map(count -> {
          Source source = count.getKey();
          return String.format(
              Locale.ROOT,
              "source %s: %,d videos, %,d visits an epoch%s",
              source.name(),
              count.getValue(),
              source.visits(count.getValue()),
              source.stride() == 0 ? "" : ", stride " + source.stride());
        })
        .toList();
  }
}
