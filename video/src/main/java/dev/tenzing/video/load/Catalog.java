package dev.tenzing.video.load;

import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is known of the files met so far: their frame counts, or why they are of no use. Each file
 * is decoded once for it; share a catalog between loaders that read the same files.
 */
public final class Catalog {
  private final Map<Path, VideoInfo> good = new ConcurrentHashMap<>();
  private final Map<Path, VideoException> bad = new ConcurrentHashMap<>();

  /**
   * What a scan of the file found, from memory if it was met before.
   *
   * @throws VideoException when the file is of no use
   */
  public VideoInfo info(Path file) throws VideoException {
    VideoInfo known = good.get(file);
    if (known != null) {
      return known;
    }
    VideoException defect = bad.get(file);
    if (defect != null) {
      throw defect;
    }
    try {
      VideoInfo info = VideoInfo.scan(file);
      good.put(file, info);
      return info;
    } catch (VideoException e) {
      bad.put(file, e);
      throw e;
    }
  }
}
