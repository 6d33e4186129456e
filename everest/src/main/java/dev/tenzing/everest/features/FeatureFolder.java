package dev.tenzing.everest.features;

import dev.tenzing.engine.io.AtomicFile;
import dev.tenzing.engine.io.Json;
import dev.tenzing.video.decode.FileStamp;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A folder of features: {@code features.json} says how they were made, {@code videos.jsonl} has a
 * line for each video whose file is complete, appended once it is. A line that was cut off counts
 * for nothing, its video is read again.
 */
final class FeatureFolder implements Closeable {
  static final String SETTINGS = "features.json";
  static final String VIDEOS = "videos.jsonl";

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
  private final FileChannel journal;

  private FeatureFolder(Path folder, int width, FileChannel journal) {
    this.folder = folder;
    this.width = width;
    this.journal = journal;
  }

  /**
   * Opens a folder to go on in it, or begins one.
   *
   * @param settings what features depend on
   * @param about more to be told of them
   * @throws IllegalArgumentException when the folder holds features made otherwise
   * @throws IOException also when another run is at work in it
   */
  static FeatureFolder open(
      Path folder, int width, Map<String, Object> settings, Map<String, Object> about)
      throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(VIDEOS);
    FileChannel journal =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      lock(folder, journal);
      begin(folder, settings, about);
      FeatureFolder opened = new FeatureFolder(folder, width, journal);
      opened.read();
      return opened;
    } catch (IOException | RuntimeException e) {
      journal.close();
      throw e;
    }
  }

  private static void lock(Path folder, FileChannel journal) throws IOException {
    boolean locked;
    try {
      locked = journal.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      locked = false;
    }
    if (!locked) {
      throw new IOException(folder + ": another run is writing features there; wait for its end");
    }
  }

  private static void begin(Path folder, Map<String, Object> settings, Map<String, Object> about)
      throws IOException {
    Path file = folder.resolve(SETTINGS);
    if (!Files.exists(file)) {
      Map<String, Object> all = new LinkedHashMap<>(settings);
      all.putAll(about);
      byte[] text = (Json.write(all) + "\n").getBytes(StandardCharsets.UTF_8);
      AtomicFile.write(file, out -> out.write(ByteBuffer.wrap(text)));
      return;
    }
    Map<String, Object> there;
    try {
      there = Json.parseObject(Files.readString(file));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " is damaged; remove the folder or give another --output", e);
    }
    for (Map.Entry<String, Object> setting : settings.entrySet()) {
      Object other = there.get(setting.getKey());
      if (!same(other, setting.getValue())) {
        throw new IllegalArgumentException(
            setting.getKey().equals("model")
                ? folder + " holds features of another checkpoint; give another --output"
                : "%s holds features with %s %s, this run asks for %s; give another --output"
                    .formatted(folder, setting.getKey(), other, setting.getValue()));
      }
    }
  }

  private static boolean same(Object a, Object b) {
    return a instanceof Number m && b instanceof Number n
        ? m.doubleValue() == n.doubleValue()
        : Objects.equals(a, b);
  }

  private void read() throws IOException {
    String text = Files.readString(folder.resolve(VIDEOS));
    int end = text.lastIndexOf('\n') + 1;
    text.substring(0, end).lines().forEach(this::readLine);
    journal.truncate(text.substring(0, end).getBytes(StandardCharsets.UTF_8).length);
    journal.position(journal.size());
  }

  private void readLine(String line) {
    try {
      Map<String, Object> map = Json.parseObject(line);
      FileStamp stamp = new FileStamp(whole(map, "bytes"), whole(map, "modified"));
      double fps = map.get("fps") instanceof Number number ? number.doubleValue() : 0;
      done.put(
          (String) map.get("features"),
          new Done(
              (String) map.get("video"), stamp, whole(map, "clips"), whole(map, "frames"), fps));
    } catch (IllegalArgumentException | ClassCastException e) {
      // A damaged line: the video is read again.
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
    ByteBuffer line = ByteBuffer.wrap((Json.write(map) + "\n").getBytes(StandardCharsets.UTF_8));
    while (line.hasRemaining()) {
      journal.write(line);
    }
    journal.force(false);
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
