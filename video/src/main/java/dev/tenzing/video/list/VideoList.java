package dev.tenzing.video.list;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The videos of a data set, in the order of their list.
 *
 * @param name the list's or folder's name, for messages
 * @param videos what was listed; a file that does not exist is found out when it is decoded
 * @param classes how many classes there are: as told, or the largest class + 1; 0 without classes
 * @param classNames a name for each class, from the folders' names or from {@code classes.txt}
 *     beside the list; empty when not known
 * @param notes what is odd about the list but no error, a sentence each
 */
public record VideoList(
    String name, List<Entry> videos, int classes, List<String> classNames, List<String> notes) {
  /** Up to so many classes are listed with their counts. */
  private static final int EACH = 12;

  private static final int SOME = 6;

  public VideoList {
    videos = List.copyOf(videos);
    classNames = List.copyOf(classNames);
    notes = List.copyOf(notes);
  }

  /** A list without notes. */
  public VideoList(String name, List<Entry> videos, int classes, List<String> classNames) {
    this(name, videos, classes, classNames, List.of());
  }

  /**
   * One video.
   *
   * @param path the file, or the folder of its frames
   * @param annotation what it shows
   * @param part the part of it that is used
   * @param source where it comes from
   */
  public record Entry(Path path, Annotation annotation, Part part, Source source) {
    /** A part of a video of a list of its own, with a class from 0 or -1 for none. */
    public Entry(Path path, int label, Part part) {
      this(path, Annotation.ofClass(label), part, Source.ALONE);
    }

    /** A whole video of a list of its own, with a class from 0 or -1 for none. */
    public Entry(Path path, int label) {
      this(path, label, Part.WHOLE);
    }

    /** The class of the whole, -1 where there is none. */
    public int label() {
      return annotation.label();
    }

    /** The same at another place. */
    public Entry withPath(Path other) {
      return new Entry(other, annotation, part, source);
    }

    /** The same video with something else said of it. */
    public Entry withAnnotation(Annotation other) {
      return new Entry(path, other, part, source);
    }

    /** The same video as part of a mixture. */
    public Entry withSource(Source other) {
      return new Entry(path, annotation, part, other);
    }
  }

  /** Whether a list must have a label for each video. */
  public enum Labels {
    /** Supervised training and evaluation: {@code path label} or {@code path total label}. */
    REQUIRED,
    /** Masked pre-training: {@code path}, {@code path label} or {@code path start total}. */
    OPTIONAL
  }

  /**
   * Reads a list file, a table with a header, annotations in JSON that are known, or collects the
   * videos of a folder: those in it and below it; with labels required, it must hold a folder for
   * each class, numbered in the order of their names.
   *
   * @param source list file or folder; a video where no labels are needed
   * @param root what relative paths start from; null for the list's own folder
   * @param classes how many classes there are, 0 when the labels shall tell
   * @throws VideoListException in one sentence, with the line where there is one
   */
  public static VideoList read(Path source, Path root, Labels labels, int classes)
      throws VideoListException {
    return read(source, root, labels, classes, List.of());
  }

  /**
   * Reads a list whose labels mean classes that have names already: those of a model, or of the
   * list that it is trained on. A list that names its classes itself, as a folder with a folder for
   * each does, is numbered by them, so that a class that it lacks moves no other.
   *
   * @param known names of all classes, in order; empty when there are none
   * @throws VideoListException also when the list names a class that is not known
   */
  public static VideoList read(
      Path source, Path root, Labels labels, int classes, List<String> known)
      throws VideoListException {
    if (!Files.exists(source)) {
      throw new VideoListException(source + ": there is no such list or folder of videos");
    }
    VideoList list;
    if (Files.isDirectory(source)) {
      list = VideoFolder.read(source, labels, known.isEmpty() ? classes : 0);
    } else if (source.toString().toLowerCase(Locale.ROOT).endsWith(".json")) {
      list = JsonLists.read(source, root, labels, known.isEmpty() ? classes : 0);
    } else if (labels == Labels.OPTIONAL && VideoTree.isVideo(source.getFileName().toString())) {
      list = new VideoList(source.toString(), List.of(new Entry(source, -1)), 0, List.of());
    } else {
      list = ListFile.read(source, root, labels, classes, known);
    }
    if (list.videos.isEmpty()) {
      throw new VideoListException(
          source
              + ": the list holds no videos"
              + (list.notes.isEmpty() ? "" : " (" + String.join("; ", list.notes) + ")"));
    }
    List<String> own = list.classNames;
    if (labels == Labels.REQUIRED && !known.isEmpty() && !own.isEmpty() && !own.equals(known)) {
      LabelMap byName = LabelMap.byName(source.toString(), own, known, Map.of());
      list = list.merged(byName, known.size(), known);
    }
    return list.withClasses(classes);
  }

  /** The largest class that occurs, -1 when none does. */
  static int largestClass(List<Entry> videos) {
    return videos.stream().flatMapToInt(v -> v.annotation().classes()).max().orElse(-1);
  }

  /**
   * The same list for a model whose classes have no names: a label is the number of one of them,
   * and the list's own classes, named or not, may be some of them only.
   *
   * @param count classes of the model
   * @throws VideoListException when a label is none of them
   */
  public VideoList among(int count) throws VideoListException {
    int largest = largestClass(videos);
    if (largest >= count) {
      throw new VideoListException(
              "%s: label %s is out of range, the labels of %s classes are 0 to %s"
                  .formatted(name, largest, count, count - 1))
          .aboutClasses();
    }
    return withClasses(count);
  }

  private VideoList withClasses(int told) {
    int largest = largestClass(videos);
    int named = largest < 0 ? 0 : classNames.size();
    int count = told > 0 ? told : Math.max(largest + 1, named);
    return new VideoList(
        name, videos, count, classNames.size() == count ? classNames : List.of(), notes);
  }

  /** The same videos as part of a mixture. */
  public VideoList from(Source source) {
    List<Entry> moved = videos.stream().map(v -> v.withSource(source)).toList();
    return new VideoList(name, moved, classes, classNames, notes);
  }

  /** The same videos with the labels of a merged data set, whose names these are. */
  public VideoList merged(LabelMap map, int classes, List<String> classNames) {
    return new VideoList(name, map.apply(videos), classes, classNames, notes);
  }

  /**
   * Writes the videos as a list file, relative to {@code root} where they are below it.
   *
   * @throws IllegalArgumentException when no list can hold them: some have labels and others none,
   *     or parts that are told in different ways
   */
  public void write(Path file, Path root) throws IOException {
    ListWriter.write(file, root, videos);
  }

  /**
   * The text that {@link #write} writes.
   *
   * @throws IllegalArgumentException as there
   */
  public String text(Path root) {
    return ListWriter.text(root, videos);
  }

  /**
   * How many videos there are and of which classes, in a sentence: those of each where the classes
   * are few, else the extremes.
   */
  public String summary() {
    String all = videos.size() == 1 ? "1 video" : videos.size() + " videos";
    if (classes == 0 || videos.stream().allMatch(v -> v.label() < 0)) {
      return all;
    }
    int[] counts = new int[classes];
    videos.stream().filter(v -> v.label() >= 0).forEach(v -> counts[v.label()]++);
    List<Integer> byCount =
        IntStream.range(0, classes)
            .boxed()
            .sorted(Comparator.comparing((Integer label) -> -counts[label]))
            .toList();
    String of = "%s of %s".formatted(all, classes == 1 ? "1 class" : classes + " classes");
    if (classes <= EACH) {
      return IntStream.range(0, classes)
          .mapToObj(label -> className(label) + " " + counts[label])
          .collect(Collectors.joining(", ", of + ": ", ""));
    }
    int most = byCount.getFirst();
    List<String> empty =
        IntStream.range(0, classes)
            .filter(label -> counts[label] == 0)
            .mapToObj(this::className)
            .toList();
    int least = byCount.get(classes - empty.size() - 1);
    return "%s, from %s %s to %s %s%s"
        .formatted(
            of,
            className(least),
            counts[least],
            className(most),
            counts[most],
            empty.isEmpty() ? "" : "; " + empty.size() + " without videos: " + some(empty));
  }

  private String className(int label) {
    return label < classNames.size() ? classNames.get(label) : "class " + label;
  }

  /** Some of many names. */
  static String some(List<String> names) {
    String first = names.stream().limit(SOME).collect(Collectors.joining(", "));
    return names.size() > SOME ? first + " and " + (names.size() - SOME) + " more" : first;
  }

  /** Whether an epoch visits some videos more often than others. */
  public boolean weighted() {
    return videos.stream().anyMatch(v -> v.source().weight() != 1);
  }

  /** Visits to videos that make an epoch: one for each, unless their sources have weights. */
  public int epoch() {
    Map<Source, Integer> counts = new LinkedHashMap<>();
    videos.forEach(v -> counts.merge(v.source(), 1, Integer::sum));
    long visits = 0;
    for (Map.Entry<Source, Integer> count : counts.entrySet()) {
      visits += count.getKey().visits(count.getValue());
    }
    return Math.toIntExact(visits);
  }
}
