package dev.tenzing.video.list;

import dev.tenzing.video.file.WholeFile;
import dev.tenzing.video.list.VideoList.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Writes a list in the format that its entries need: with windows of time, a table. */
final class ListWriter {
  private final Path root;
  private final boolean labelled;
  private final boolean counts;
  private final boolean parts;
  private final boolean windows;
  private final StringBuilder text = new StringBuilder();

  private ListWriter(Path root, List<Entry> videos) {
    this.root = root;
    labelled = videos.stream().anyMatch(v -> v.label() >= 0);
    counts = videos.stream().anyMatch(v -> v.part() instanceof Part.Count);
    parts = videos.stream().anyMatch(v -> v.part() instanceof Part.Frames);
    windows = videos.stream().anyMatch(v -> v.part() instanceof Part.Seconds);
  }

  static void write(Path file, Path root, List<Entry> videos) throws IOException {
    WholeFile.update(file, text(root, videos));
  }

  /**
   * The list as text.
   *
   * @throws IllegalArgumentException when no list can hold these videos
   */
  static String text(Path root, List<Entry> videos) {
    ListWriter writer = new ListWriter(root, videos);
    if (writer.windows) {
      writer.text.append(
          writer.labelled ? "path,time_start,time_end,label\n" : "path,time_start,time_end\n");
    }
    videos.forEach(writer::add);
    return writer.text.toString();
  }

  private void add(Entry video) {
    String what =
        switch (video.annotation()) {
          case Annotation.Boxes boxes -> "boxes";
          case Annotation.Segments segments -> "segments";
          case Annotation.None none -> null;
          case Annotation.Single single -> null;
        };
    if (what != null) {
      throw new IllegalArgumentException(
          video.path() + ": a list of videos cannot hold the " + what + " of one");
    }
    boolean fits =
        counts
            ? video.part() instanceof Part.Count && !parts && !windows
            : !(parts && video.part() instanceof Part.Seconds)
                && !(windows && video.part() instanceof Part.Frames);
    if (!fits || labelled != video.label() >= 0) {
      throw new IllegalArgumentException(
          "%s: %s%s cannot stand in one list with the others"
              .formatted(video.path(), video.part(), video.label() < 0 ? " without a label" : ""));
    }
    text.append(quoted(relative(video.path(), root)));
    switch (video.part()) {
      case Part.Seconds window ->
          text.append(",").append(window.start()).append(",").append(window.end());
      case Part.Frames frames -> text.append(" " + frames.start() + " " + frames.total());
      case Part.Count count -> text.append(" " + count.total());
      case Part.Whole whole -> text.append(windows ? ",," : parts ? " 0 -1" : "");
    }
    text.append(labelled ? (windows ? "," : " ") + video.label() : "").append('\n');
  }

  // Path.relativize would take ".." out, which means another file where a folder is a link.
  private static String relative(Path path, Path root) {
    return root != null && path.startsWith(root) && !path.equals(root)
        ? path.subpath(root.getNameCount(), path.getNameCount()).toString()
        : path.toString();
  }

  private static String quoted(String path) {
    if (path.indexOf('\n') >= 0 || path.indexOf('\r') >= 0) {
      throw new IllegalArgumentException(
          "the path \"" + path.lines().findFirst().orElse("") + "…\" has a line end in it");
    }
    boolean plain =
        path.chars().noneMatch(c -> Lines.isBlank((char) c) || "\",;#\uFEFF".indexOf(c) >= 0);
    return plain ? path : '"' + path.replace("\"", "\"\"") + '"';
  }
}
