package dev.tenzing.video.list;

import dev.tenzing.video.decode.FrameFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The videos in a folder and below: files by their endings, and folders of numbered pictures. */
final class VideoTree {
  private static final Set<String> ENDINGS =
      Set.of(
          "avi", "mp4", "m4v", "mov", "mkv", "webm", "mpg", "mpeg", "ts", "flv", "wmv", "3gp",
          "ogv");

  private final List<Path> videos = new ArrayList<>();
  private final List<Path> inside = new ArrayList<>();

  private VideoTree() {}

  /** All videos, in the order of their paths. */
  static List<Path> below(Path folder) throws IOException {
    VideoTree tree = new VideoTree();
    tree.visit(folder);
    Collections.sort(tree.videos);
    return tree.videos;
  }

  private void visit(Path folder) throws IOException {
    Path real = folder.toRealPath();
    if (inside.contains(real)) {
      // A link to a folder around it.
      return;
    }
    inside.add(real);
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> !file.getFileName().toString().startsWith(".")).toList();
    }
    int pictures = 0;
    boolean holdsVideos = false;
    for (Path file : files) {
      String name = file.getFileName().toString();
      if (FrameFolder.isPicture(name)) {
        pictures++;
      } else if (isVideo(name)) {
        if (Files.isRegularFile(file)) {
          videos.add(file);
          holdsVideos = true;
        }
      } else if (Files.isDirectory(file)) {
        visit(file);
      }
    }
    // Pictures beside videos are previews of them.
    if (pictures > 1 && !holdsVideos) {
      videos.add(folder);
    }
    inside.removeLast();
  }

  static boolean isVideo(String name) {
    return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }
}
