package dev.tenzing.everest.features;

import dev.tenzing.engine.io.AtomicFile;
import dev.tenzing.engine.io.AtomicFolder;
import dev.tenzing.engine.io.Json;
import dev.tenzing.engine.io.LineLog;
import dev.tenzing.video.decode.FileStamp;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A folder of features: {@code features.json} says how they were made, {@code videos.jsonl} has a
 * line for each video whose file is complete, appended once it is. A line that was cut off counts
 * for nothing, its video is read again.
 */
final class FeatureFolder implements Closeable {
  static final String SETTINGS = "features.json";
  static final String VIDEOS = "videos.jsonl";

  private static final long MOST_SETTINGS = 1 << 20;
  private static final long MOST_CLIPS = 1L << 40; // beyond it sizes would overflow

  /**
   * Features of a video.
   *
   * @param video the file
   * @param stamp of the file when it was read
   * @param clips rows
   * @param frames of the video
   * @param fps frames a second, 0 when the file does not say
   */
  record Done(String video, FileStamp stamp, long clips, long frames, double fps) {}

  private final Path folder;
  private final int width;
  private final Map<String, Done> done = new HashMap<>();
  private final LineLog journal;

  private FeatureFolder(Path folder, int width, LineLog journal) {
    this.folder = folder;
    this.width = width;
    this.journal = journal;
  }

  /**
   * Opens a folder to go on in it, or begins one.
   *
   * @param settings what features depend on
   * @param about more to be told of them
   * @param damage told, in a sentence each, of what is left out because it is damaged
   * @throws IllegalArgumentException when the folder holds features made otherwise
   * @throws IOException also when another run is at work in it
   */
  static FeatureFolder open(
      Path folder,
      int width,
      Map<String, Object> settings,
      Map<String, Object> about,
      Consumer<String> damage)
      throws IOException {
    AtomicFolder.create(folder);
    LineLog journal = LineLog.open(folder.resolve(VIDEOS));
    try {
      if (!journal.lock()) {
        throw new IOException(folder + ": another run is writing features there; wait for its end");
      }
      begin(folder, settings, about);
      FeatureFolder opened = new FeatureFolder(folder, width, journal);
      journal.read(
          line -> {
            opened.readLine(line, damage);
            return true;
          },
          damage);
      return opened;
    } catch (IOException | RuntimeException e) {
      journal.close();
      throw e;
    }
  }

  private static void begin(Path folder, Map<String, Object> settings, Map<String, Object> about)
      throws IOException {
    Path file = folder.resolve(SETTINGS);
    if (!Files.exists(file)) {
      Map<String, Object> all = new LinkedHashMap<>(settings);
      all.putAll(about);
      AtomicFile.write(file, Json.write(all) + "\n");
      return;
    }
    Map<String, Object> there;
    try {
      if (Files.size(file) > MOST_SETTINGS) {
        throw new IllegalArgumentException("too large for settings");
      }
      there = Json.parseObject(Files.readString(file));
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new IOException(file + " is damaged; remove the folder or give another --output", e);
    }
    for (Map.Entry<String, Object> setting : settings.entrySet()) {
      Object other = there.get(setting.getKey());
      if (!same(other, setting.getValue())) {
        throw new IllegalArgumentException(
            setting.getKey().equals("model")
                ? folder + " holds features of another checkpoint; give another --output"
                : "%s holds features %s, this run asks for %s; give another --output"
                    .formatted(
                        folder,
                        other == null
                            ? "that do not say their " + setting.getKey()
                            : "with " + setting.getKey() + " " + other,
                        setting.getValue()));
      }
    }
  }

  private static boolean same(Object a, Object b) {
    return a instanceof Number m && b instanceof Number n
        ? m.doubleValue() == n.doubleValue()
        : Objects.equals(a, b);
  }

  private void readLine(String line, Consumer<String> damage) {
    try {
      Map<String, Object> map = Json.parseObject(line);
      FileStamp stamp = new FileStamp(whole(map, "bytes"), whole(map, "modified"));
      double fps = map.get("fps") instanceof Number number ? number.doubleValue() : 0;
      long clips = whole(map, "clips");
      if (!(map.get("features") instanceof String name)
          || !(map.get("video") instanceof String video)
          || clips < 0
          || clips > MOST_CLIPS) {
        throw new IllegalArgumentException("no names or no number of clips");
      }
      done.put(name, new Done(video, stamp, clips, whole(map, "frames"), fps));
    } catch (IllegalArgumentException e) {
      damage.accept(folder.resolve(VIDEOS) + ": a line is damaged, so its video is read again");
    }
  }

  private static long whole(Map<String, Object> map, String key) {
    if (map.get(key) instanceof Number number) {
      return number.longValue();
    }
    throw new IllegalArgumentException("no number " + key);
  }

  /** The file with features of that name. */
  Path file(Path name) {
    return folder.resolve(name);
  }

  /**
   * The features that are there under a name and are those of a video as it is now; else null.
   *
   * @throws IllegalArgumentException when they are those of another video
   */
  Done find(Path name, Path video) {
    Done found = done.get(text(name));
    Path file = file(name);
    try {
      if (found == null
          || !Files.isRegularFile(file)
          || Files.size(file) != NpyRows.bytes(found.clips(), width)) {
        return null;
      }
    } catch (IOException e) {
      return null;
    }
    boolean unchanged = found.stamp().equals(FileStamp.of(video));
    if (!unchanged && !found.video().equals(video.toString())) {
      throw new IllegalArgumentException(
          "%s holds features of %s already, which %s would replace; give another --output or a --data-root above both"
              .formatted(file, found.video(), video));
    }
    return unchanged ? found : null;
  }

  /** Notes that a video's features are complete. */
  void add(Path name, Done features) throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("features", text(name));
    map.put("clips", features.clips());
    map.put("frames", features.frames());
    map.put("fps", features.fps());
    map.put("video", features.video());
    map.put("bytes", features.stamp().size());
    map.put("modified", features.stamp().modified());
    journal.append(Json.write(map), true);
    done.put(text(name), features);
  }

  private static String text(Path name) {
    return name.toString().replace('\\', '/');
  }

  @Override
  public void close() throws IOException {
    journal.close();
  }
}
