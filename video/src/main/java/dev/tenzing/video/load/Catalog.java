package dev.tenzing.video.load;

import dev.tenzing.video.decode.FileStamp;
import dev.tenzing.video.decode.FrameFolder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoInfo;
import dev.tenzing.video.list.VideoList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What is known of the files met so far: their frame counts, or why they are of no use. Each file
 * is decoded once for it; share a catalog between loaders that read the same files.
 */
public final class Catalog {
  private final Map<Path, VideoInfo> good = new ConcurrentHashMap<>();
  private final Map<Path, VideoException> bad = new ConcurrentHashMap<>();
  private final AtomicInteger scanned = new AtomicInteger();
  private final ScanIndex index;

  /** A catalog that knows nothing yet and forgets all when it is dropped. */
  public Catalog() {
    this(null);
  }

  /**
   * A catalog that begins with what earlier scans found, and adds to it if the index was opened to
   * be added to.
   */
  public Catalog(ScanIndex index) {
    this.index = index;
  }

  /**
   * A catalog with what {@code prepare} left beside a list, or in a folder of videos or the one
   * around it, if it did.
   *
   * @throws IOException when that cannot be read
   */
  public static Catalog of(VideoList list) throws IOException {
    Path source = Path.of(list.name());
    return Files.exists(source) ? new Catalog(ScanIndex.beside(source)) : new Catalog();
  }

  /**
   * What a scan of the file found, from memory if it was met before.
   *
   * @throws VideoException when the file is of no use
   * @throws UncheckedIOException when the index cannot be added to
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
      VideoInfo info = index == null ? null : index.find(file);
      if (info == null) {
        info = scan(file);
      }
      good.put(file, info);
      return info;
    } catch (VideoException e) {
      bad.put(file, e);
      throw e;
    }
  }

  private VideoInfo scan(Path file) throws VideoException {
    scanned.incrementAndGet();
    FileStamp stamp = FileStamp.of(file);
    try {
      VideoInfo info = VideoInfo.scan(file);
      if (index != null) {
        index.add(info);
      }
      return info;
    } catch (VideoException e) {
      try {
        if (index != null) {
          index.add(e, stamp);
        }
      } catch (IOException failure) {
        throw unwritable(failure);
      }
      throw e;
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private static UncheckedIOException unwritable(IOException e) {
    return new UncheckedIOException(e.getMessage(), e);
  }

  /** What was wrong with the index of earlier scans, a sentence each. */
  public List<String> notes() {
    return index == null ? List.of() : index.notes();
  }

  /** What is known without a scan to be wrong with a file; null when nothing is. */
  public VideoException defect(Path file) {
    if (!FrameFolder.isTemplate(file) && !Files.exists(file)) {
      return new VideoException(file, VideoException.Reason.MISSING, "there is no such file");
    }
    try {
      if (index != null) {
        index.find(file);
      }
      return bad.get(file);
    } catch (VideoException e) {
      return e;
    }
  }

  /** How many files were decoded for it. */
  public int scanned() {
    return scanned.get();
  }
}
