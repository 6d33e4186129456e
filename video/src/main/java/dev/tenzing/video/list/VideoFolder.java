package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoList.Labels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Collects videos from folders, always in the same order. */
final class VideoFolder {
  private static final Set<String> ENDINGS =
      Set.of(
          "avi", "mp4", "m4v", "mov", "mkv", "webm", "mpg", "mpeg", "ts", "flv", "wmv", "3gp",
          "ogv");

  private VideoFolder() {}

  static VideoList read(Path folder, Labels labels, int wanted) throws VideoListException {
    try {
      List<Path> classes = subfolders(folder);
      boolean labelled = labels == Labels.REQUIRED;
      if (labelled && classes.isEmpty()) {
        throw new VideoListException(
            folder + ": labels are needed, but the folder holds no folder for each class");
      }
      if (labelled && wanted > 0 && classes.size() > wanted) {
        throw new VideoListException(
            folder + ": the folder holds " + classes.size() + " classes, not " + wanted);
      }
      List<Entry> entries = new ArrayList<>();
      if (labelled) {
        for (int label = 0; label < classes.size(); label++) {
          for (Path video : videos(classes.get(label))) {
            entries.add(new Entry(video, label, 0, -1));
          }
        }
      } else {
        for (Path video : videos(folder)) {
          entries.add(new Entry(video, -1, 0, -1));
        }
      }
      List<String> names =
          labelled ? classes.stream().map(c -> c.getFileName().toString()).toList() : List.of();
      return new VideoList(folder.toString(), entries, 0, names);
    } catch (IOException | UncheckedIOException e) {
      throw new VideoListException(folder + ": the folder cannot be read (" + e.getMessage() + ")");
    }
  }

  private static List<Path> subfolders(Path folder) throws IOException {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.filter(Files::isDirectory).sorted().toList();
    }
  }

  private static List<Path> videos(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(VideoFolder::isVideo).sorted().toList();
    }
  }

  private static boolean isVideo(Path file) {
    String name = file.getFileName().toString();
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return ENDINGS.contains(ending) && Files.isRegularFile(file);
  }
}
