package dev.tenzing.video.list;

import dev.tenzing.video.list.VideoList.Entry;
import dev.tenzing.video.list.VideoList.Labels;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads Ego4D's annotations of object state changes ({@code fho_oscc-pnr_train.json}): {@code
 * clips}, each a window of a long video, with {@code state_change} true or not. Class 1 is a
 * change, class 0 none; a clip of which nothing is said counts as none, as in the reference
 * loaders.
 *
 * <p>A clip is looked for below the root by three names: its {@code unique_id}, a video cut out
 * before; its {@code clip_uid}, of which {@code clip_start_frame} to {@code clip_end_frame} are
 * used; its {@code video_uid}, of which {@code parent_start_frame} to {@code parent_end_frame} are.
 * Seconds ({@code ..._sec}) stand in for frames that are missing.
 */
final class StateChangeClips {
  private static final List<String> NAMES = List.of("no state change", "state change");

  private final Path file;
  private final Path root;
  private final JsonReader json;
  private final VideoFinder finder;
  private final List<Entry> entries = new ArrayList<>();
  private int told;

  private StateChangeClips(Path file, Path root, JsonReader json, VideoFinder finder) {
    this.file = file;
    this.root = root;
    this.json = json;
    this.finder = finder;
  }

  /** Whether an array that begins with this element has clips in it. */
  static boolean has(Object first) {
    return !(first instanceof Map<?, ?> map)
        || List.of("video_uid", "clip_uid", "unique_id", "state_change").stream()
            .anyMatch(map::containsKey);
  }

  /**
   * Reads the clips.
   *
   * @return null when the file holds none
   */
  static VideoList read(Path file, Path folder, Labels labels, int classes)
      throws VideoListException {
    try (JsonReader json = new JsonReader(file)) {
      StateChangeClips clips = new StateChangeClips(file, folder, json, VideoFinder.below(folder));
      return json.each("clips", clips::add) ? clips.list(labels, classes) : null;
    }
  }

  private VideoList list(Labels labels, int classes) throws VideoListException {
    if (labels == Labels.OPTIONAL) {
      List<Entry> bare = entries.stream().map(e -> new Entry(e.path(), -1, e.part())).toList();
      return new VideoList(file.toString(), bare, 0, List.of());
    }
    if (told == 0 && !entries.isEmpty()) {
      throw new VideoListException(
          file + ": labels are needed, but no clip has a \"state_change\" of true or false");
    }
    if (classes == 1) {
      throw new VideoListException(file + ": state changes are 2 classes, not 1");
    }
    return new VideoList(file.toString(), entries, 0, NAMES);
  }

  private void add(Object element, int line) throws VideoListException {
    if (!(element instanceof Map<?, ?> clip)) {
      throw json.wrong(line, "a clip must be an object");
    }
    Object change = clip.get("state_change");
    if (change != null) {
      if (!(change instanceof Boolean || change instanceof Double)) {
        throw json.wrong(line, "\"state_change\" must be true or false, but is \"" + change + "\"");
      }
      told++;
    }
    boolean changes = Boolean.TRUE.equals(change) || change instanceof Double number && number != 0;
    entries.add(where(clip, line, changes ? 1 : 0));
  }

  private Entry where(Map<?, ?> clip, int line, int label) throws VideoListException {
    Path cut = find(clip, "unique_id");
    if (cut != null) {
      return new Entry(cut, label);
    }
    Path canonical = find(clip, "clip_uid");
    if (canonical != null) {
      return new Entry(canonical, label, window(clip, "clip", line));
    }
    Path video = find(clip, "video_uid");
    if (video == null) {
      if (!(clip.get("video_uid") instanceof String id) || id.isEmpty()) {
        throw json.wrong(line, "the clip has no \"video_uid\"");
      }
      try {
        video = root.resolve(id + ".mp4");
      } catch (InvalidPathException e) {
        throw json.wrong(line, "\"" + id + "\" is no name for a file");
      }
    }
    return new Entry(video, label, window(clip, "parent", line));
  }

  private Path find(Map<?, ?> clip, String key) {
    return clip.get(key) instanceof String id && !id.isEmpty() ? finder.find(id) : null;
  }

  private Part window(Map<?, ?> clip, String kind, int line) throws VideoListException {
    String unit =
        clip.get(kind + "_start_frame") instanceof Double
                && clip.get(kind + "_end_frame") instanceof Double
            ? "_frame"
            : "_sec";
    String from = kind + "_start" + unit;
    String to = kind + "_end" + unit;
    if (!(clip.get(from) instanceof Double start && clip.get(to) instanceof Double end)) {
      throw json.wrong(line, "the clip has no \"%s\" and \"%s\"".formatted(from, to));
    }
    if (!(start >= 0 && end > start && end < Integer.MAX_VALUE)) {
      throw json.wrong(line, "the clip goes from %s %s to %s %s".formatted(from, start, to, end));
    }
    return unit.equals("_sec")
        ? new Part.Seconds(start, end)
        : new Part.Frames(start.intValue(), Math.max(1, end.intValue() - start.intValue()));
  }
}
