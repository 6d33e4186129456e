package dev.tenzing.video.list;

import dev.tenzing.video.file.Unreadable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The videos below a folder by their names without ending: annotations name an id, not a file. */
final class VideoFinder {
  private final Map<String, Path> byName = new HashMap<>();

  private VideoFinder() {}

  /** Looks at all folders below {@code root}; a root that does not exist holds nothing. */
  static VideoFinder below(Path root) throws VideoListException {
    VideoFinder finder = new VideoFinder();
    try {
      if (Files.isDirectory(root)) {
        for (Path video : VideoTree.below(root, new LeftOut())) {
          String name = video.getFileName().toString();
          int dot = Files.isDirectory(video) ? -1 : name.lastIndexOf('.');
          finder.byName.putIfAbsent(dot < 0 ? name : name.substring(0, dot), video);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw new VideoListException(
          root + ": the folder cannot be read (" + Unreadable.reason(e) + ")");
    }
    return finder;
  }

  /** The video of that name, null when there is none. */
  Path find(String name) {
    return byName.get(name);
  }
}
