package dev.tenzing.everest.features;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the features of each video go: its place below the data root, with {@code .npy} for its
 * ending. Videos that would meet in one file keep their endings, all of them, so that a name does
 * not depend on the order of the list.
 */
final class FeatureNames {
  private FeatureNames() {}

  /**
   * Names by video.
   *
   * @param videos absolute paths, each once
   * @param root of the names; a video that is not below it is named by its whole path
   */
  static Map<Path, Path> of(List<Path> videos, Path root) {
    Map<Path, String> names = new LinkedHashMap<>();
    for (Path video : videos) {
      names.put(video, shortName(place(video, root)));
    }
    // Keeping an ending may meet yet another name: a.mp4 beside a.mp4.avi.
    boolean again = true;
    while (again) {
      again = false;
      Map<String, Integer> uses = new HashMap<>();
      names.values().forEach(name -> uses.merge(name, 1, Integer::sum));
      for (Path video : videos) {
        String full = place(video, root) + ".npy";
        if (uses.get(names.get(video)) > 1 && !names.get(video).equals(full)) {
          names.put(video, full);
          again = true;
        }
      }
    }
    Map<Path, Path> files = new LinkedHashMap<>();
    names.forEach((video, name) -> files.put(video, video.getFileSystem().getPath(name)));
    return files;
  }

  private static String place(Path video, Path root) {
    Path place =
        video.startsWith(root) ? root.relativize(video) : video.getRoot().relativize(video);
    // A list may name a video that is the root itself, such as a folder of frames.
    return place.toString().isEmpty() ? video.getFileName().toString() : place.toString();
  }

  private static String shortName(String place) {
    int slash = Math.max(place.lastIndexOf('/'), place.lastIndexOf('\\'));
    int dot = place.lastIndexOf('.');
    return (dot > slash + 1 ? place.substring(0, dot) : place) + ".npy";
  }
}
