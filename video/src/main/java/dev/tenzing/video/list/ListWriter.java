package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Entry;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes a list in the format that its entries need. */
final class ListWriter {
  private ListWriter() {}

  static void write(Path file, Path root, List<Entry> videos) throws IOException {
    boolean labelled = videos.stream().anyMatch(v -> v.label() >= 0);
    boolean counts = videos.stream().anyMatch(v -> v.part() instanceof Part.Count);
    boolean parts = videos.stream().anyMatch(v -> v.part() instanceof Part.Frames);
    for (Entry video : videos) {
      boolean fits =
          counts ? video.part() instanceof Part.Count : !(video.part() instanceof Part.Seconds);
      if (!fits || labelled != video.label() >= 0) {
        throw new IllegalArgumentException(
            "%s: %s%s cannot stand in one list with the others"
                .formatted(
                    video.path(), video.part(), video.label() < 0 ? " without a label" : ""));
      }
    }
    try (BufferedWriter lines = Files.newBufferedWriter(file)) {
      for (Entry video : videos) {
        lines.write(quoted(relative(video.path(), root)));
        if (parts) {
          Part.Frames part =
              video.part() instanceof Part.Frames frames ? frames : new Part.Frames(0, -1);
          lines.write(" " + part.start() + " " + part.total());
        } else if (video.part() instanceof Part.Count count) {
          lines.write(" " + count.total());
        }
        lines.write(labelled ? " " + video.label() + "\n" : "\n");
      }
    }
  }

  private static String relative(Path path, Path root) {
    return root != null && path.startsWith(root) && !path.equals(root)
        ? root.relativize(path).toString()
        : path.toString();
  }

  private static String quoted(String path) {
    if (path.indexOf('\n') >= 0 || path.indexOf('\r') >= 0) {
      throw new IllegalArgumentException(
          "the path \"" + path.lines().findFirst().orElse("") + "…\" has a line end in it");
    }
    boolean plain =
        path.chars()
            .noneMatch(
                c -> Lines.isBlank((char) c) || c == '"' || c == ',' || c == '#' || c == '\uFEFF');
    return plain ? path : '"' + path.replace("\"", "\"\"") + '"';
  }
}
