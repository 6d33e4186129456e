package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Labels;
import java.nio.file.Path;

/** Tells the annotations in JSON apart that are known. */
final class JsonLists {
  private JsonLists() {}

  static VideoList read(Path file, Path root, Labels labels, int classes)
      throws VideoListException {
    Path folder = root != null ? root : file.toAbsolutePath().getParent();
    Object first;
    try (JsonReader json = new JsonReader(file)) {
      first = json.first();
    }
    if (first != null && !StateChangeClips.has(first)) {
      return JsonTable.readArray(file, folder, labels, classes);
    }
    VideoList clips = StateChangeClips.read(file, folder, labels, classes);
    VideoList list = clips != null ? clips : JsonTable.readDatabase(file, folder, labels, classes);
    if (list == null) {
      throw new VideoListException(
          file
              + ": this JSON is no list of videos, it has no \"clips\" as Ego4D's has, no videos"
              + " with \"annotations\" as Kinetics' and ActivityNet's, and is no array of objects"
              + " as Something-Something's and Diving48's");
    }
    return list;
  }
}
