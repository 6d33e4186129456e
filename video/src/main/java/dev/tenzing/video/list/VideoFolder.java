package dev.tenzing.video.list;

import dev.tenzing.video.file.Unreadable;
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
  private static final Set<String> SPLITS =
      Set.of("train", "training", "val", "valid", "validation", "dev", "eval", "test", "testing");

  private final Path folder;
  private final LeftOut leftOut = new LeftOut();
  private final List<String> notes = new ArrayList<>();
  private final List<Entry> entries = new ArrayList<>();

  private int besideClasses;

  private VideoFolder(Path folder) {
    this.folder = folder;
  }

  static VideoList read(Path folder, Labels labels, int wanted) throws VideoListException {
    try {
      return new VideoFolder(folder).read(labels, wanted);
    } catch (IOException | UncheckedIOException e) {
      throw new VideoListException(
          folder + ": the folder cannot be read (" + Unreadable.reason(e) + ")");
    }
  }

  private VideoList read(Labels labels, int wanted) throws IOException, VideoListException {
    List<Path> subfolders = subfolders(labels == Labels.REQUIRED ? leftOut : new LeftOut());
    List<String> names = subfolders.stream().map(c -> c.getFileName().toString()).toList();
    boolean splits =
        names.size() > 1
            && names.stream().allMatch(name -> SPLITS.contains(name.toLowerCase(Locale.ROOT)));
    if (labels == Labels.OPTIONAL) {
      for (Path video : VideoTree.below(folder, leftOut)) {
        entries.add(new Entry(video, -1));
      }
      if (splits) {
        notes.add(
            "%s holds %s, and the videos of all of them are used; %s names one"
                .formatted(folder, String.join(", ", names), subfolders.getFirst()));
      }
      return list(List.of());
    }
    if (names.isEmpty()) {
      throw new VideoListException(
          folder + ": labels are needed, but the folder holds no folder for each class");
    }
    if (splits) {
      throw new VideoListException(
              "%s: %s are no classes but parts of a set; name one of them, such as %s"
                  .formatted(folder, String.join(", ", names), subfolders.getFirst()))
          .aboutClasses();
    }
    if (wanted > 0 && names.size() != wanted) {
      throw new VideoListException(
          folder + ": the folder holds " + names.size() + " classes, not " + wanted);
    }
    for (String name : names) {
      if (name.isBlank() || name.indexOf('\n') >= 0 || name.indexOf('\r') >= 0) {
        // classes.txt has a name a line, so it would not come back.
        throw new VideoListException(
            "%s: the folder \"%s\" has a name that no class can have; rename it"
                .formatted(folder, name));
      }
    }
    List<String> empty = new ArrayList<>();
    for (int label = 0; label < names.size(); label++) {
      List<Path> videos = VideoTree.below(subfolders.get(label), leftOut);
      for (Path video : videos) {
        entries.add(new Entry(video, label));
      }
      if (videos.isEmpty()) {
        empty.add(names.get(label));
      }
    }
    if (!empty.isEmpty()) {
      notes.add(
          empty.size() == 1
              ? folder + ": the folder of the class " + empty.getFirst() + " holds no video"
              : "%s: the folders of %s classes hold no video: %s"
                  .formatted(folder, empty.size(), VideoList.some(empty)));
    }
    if (besideClasses > 0) {
      notes.add(
          "%s: %s in no folder of a class and left out"
              .formatted(
                  folder, besideClasses == 1 ? "1 video is" : besideClasses + " videos are"));
    }
    return list(names);
  }

  private VideoList list(List<String> names) {
    notes.addAll(leftOut.notes(folder));
    return new VideoList(folder.toString(), entries, 0, names, notes);
  }

  /** The folders of classes; other files beside them are noted. */
  private List<Path> subfolders(LeftOut beside) throws IOException {
    List<Path> folders = new ArrayList<>();
    List<Path> all;
    try (Stream<Path> inside = Files.list(folder)) {
      all = inside.sorted().toList();
    }
    for (Path file : all) {
      if (beside.isLitter(file)) {
        continue;
      }
      if (Files.isDirectory(file)) {
        folders.add(file);
      } else if (VideoTree.isVideo(file.getFileName().toString())) {
        besideClasses++;
      }
    }
    return folders;
  }
}
