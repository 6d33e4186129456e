package dev.tenzing.video.list;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The videos of a data set, in the order of their list.
 *
 * @param name the list's or folder's name, for messages
 * @param videos what was listed; a file that does not exist is found out when it is decoded
 * @param classes how many classes there are: as told, or the largest label + 1; 0 without labels
 * @param classNames a name for each class, from the folders' names or from {@code classes.txt}
 *     beside the list; empty when not known
 */
public record VideoList(String name, List<Entry> videos, int classes, List<String> classNames) {
  public VideoList {
    videos = List.copyOf(videos);
    classNames = List.copyOf(classNames);
  }

  /**
   * One video.
   *
   * @param path the file
   * @param label class from 0, or -1 for none
   * @param start first frame of the part that is used
   * @param total frames in that part, or -1 for all up to the end
   */
  public record Entry(Path path, int label, int start, int total) {}

  /** Whether a list must have a label for each video. */
  public enum Labels {
    /** Supervised training and evaluation: {@code path label} or {@code path total label}. */
    REQUIRED,
    /** Masked pre-training: {@code path}, {@code path label} or {@code path start total}. */
    OPTIONAL
  }

  /**
   * Reads a list file, or collects the videos of a folder: those in it and below it; with labels
   * required, it must hold a folder for each class, numbered in the order of their names.
   *
   * @param source list file or folder
   * @param root what relative paths start from; null for the list's own folder
   * @param classes how many classes there are, 0 when the labels shall tell
   * @throws VideoListException in one sentence, with the line where there is one
   */
  public static VideoList read(Path source, Path root, Labels labels, int classes)
      throws VideoListException {
    if (!Files.exists(source)) {
      throw new VideoListException(source + ": there is no such list or folder of videos");
    }
    VideoList list =
        Files.isDirectory(source)
            ? VideoFolder.read(source, labels, classes)
            : ListFile.read(source, root, labels, classes);
    if (list.videos.isEmpty()) {
      throw new VideoListException(source + ": the list holds no videos");
    }
    return list.withClasses(classes);
  }

  private VideoList withClasses(int told) {
    int largest = videos.stream().mapToInt(Entry::label).max().orElse(-1);
    int named = largest < 0 ? 0 : classNames.size();
    int count = told > 0 ? told : Math.max(largest + 1, named);
    return new VideoList(name, videos, count, classNames.size() == count ? classNames : List.of());
  }

  /** Class names in {@code classes.txt} beside a list, one a line; empty when there is none. */
  static List<String> namesBeside(Path list) throws IOException {
    Path names = list.toAbsolutePath().resolveSibling("classes.txt");
    return Files.isRegularFile(names)
        ? Files.readAllLines(names).stream().map(String::strip).filter(n -> !n.isEmpty()).toList()
        : List.of();
  }
}
