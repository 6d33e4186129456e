package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoList.Labels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Collects videos from folders, always in the same order. */
final class VideoFolder {
  private VideoFolder() {}

  static VideoList read(Path folder, Labels labels, int wanted) throws VideoListException {
    try {
      List<Path> classes = subfolders(folder);
      boolean labelled = labels == Labels.REQUIRED;
      if (labelled && classes.isEmpty()) {
        throw new VideoListException(
            folder + ": labels are needed, but the folder holds no folder for each class");
      }
      if (labelled && wanted > 0 && classes.size() != wanted) {
        throw new VideoListException(
            folder + ": the folder holds " + classes.size() + " classes, not " + wanted);
      }
      List<Entry> entries = new ArrayList<>();
      if (labelled) {
        for (int label = 0; label < classes.size(); label++) {
          for (Path video : VideoTree.below(classes.get(label))) {
            entries.add(new Entry(video, label));
          }
        }
      } else {
        for (Path video : VideoTree.below(folder)) {
          entries.add(new Entry(video, -1));
        }
      }
      List<String> names =
          labelled ? classes.stream().map(c -> c.getFileName().toString()).toList() : List.of();
      return new VideoList(folder.toString(), entries, 0, names);
    } catch (IOException | UncheckedIOException e) {
      throw new VideoListException(folder + ": the folder cannot be read (" + e.getMessage() + ")");
    }
  }

  private static List<Path> subfolders(Path parent) throws IOException {
    try (Stream<Path> inside = Files.list(parent)) {
      return inside
          .filter(Files::isDirectory)
          .filter(folder -> !folder.getFileName().toString().startsWith("."))
          .sorted()
          .toList();
    }
  }
}
