package dev.tenzing.everest.run;

import dev.tenzing.video.decode.FrameFolder;
import dev.tenzing.video.list.VideoList;
import dev.tenzing.video.list.VideoListException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads the list of a run. */
@FunctionalInterface
public interface ListReader {
  /** Lists and folders that {@link VideoList} reads. */
  ListReader PLAIN = VideoList::read;

  /**
   * Reads it.
   *
   * @param root what relative paths start from; null for the list's folder
   * @param classes how many classes there are, 0 when the labels shall tell
   * @param known names of the classes when something has named them already, else empty
   */
  VideoList read(Path data, Path root, VideoList.Labels labels, int classes, List<String> known)
      throws VideoListException;

  /** The same, which refuses a list none of whose videos exists. */
  default VideoList existing(
      Path data, Path root, VideoList.Labels labels, int classes, List<String> known)
      throws VideoListException {
    VideoList list = read(data, root, labels, classes, known);
    if (list.videos().stream().noneMatch(video -> exists(video.path()))) {
      throw new VideoListException(
          "%s: none of the %s videos exists, the first would be %s; --data-root DIR says where the paths of a list start"
              .formatted(
                  data, list.videos().size(), list.videos().getFirst().path().toAbsolutePath()));
    }
    return list;
  }

  private static boolean exists(Path video) {
    Path file = FrameFolder.isTemplate(video) ? video.toAbsolutePath().getParent() : video;
    return Files.exists(file);
  }
}
