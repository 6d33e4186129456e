package dev.tenzing.video.load;

import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.file.LineLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The videos that were left out, one line each in a CSV file: {@code path,reason,sentence}. A file
 * that is there already is continued; a video that it names is not written again.
 */
public final class SkipLog {
  private static final String HEADER = "path,reason,sentence";

  private final LineLog log;
  private final Map<Path, VideoException> skipped = new LinkedHashMap<>();
  private final Set<String> written = new HashSet<>();

  /**
   * @param csv where to write, or null to keep the list in memory only
   * @throws UncheckedIOException when a file that is there cannot be read
   */
  public SkipLog(Path csv) {
    try {
      log = csv == null ? null : LineLog.open(csv);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    if (log != null) {
      written.addAll(log.lines());
    }
  }

  /** What was wrong with a file that was there already, a sentence each. */
  public List<String> notes() {
    return log == null ? List.of() : log.notes();
  }

  /** Notes a video, the first time that it is met. */
  public synchronized void add(VideoException defect) {
    if (skipped.putIfAbsent(defect.path(), defect) != null || log == null) {
      return;
    }
    String line =
        quote(defect.path().toString())
            + ","
            + defect.reason().code()
            + ","
            + quote(defect.sentence());
    boolean begun = !written.isEmpty();
    if (!written.add(line)) {
      return;
    }
    try {
      if (begun) {
        log.add(line);
      } else {
        log.add(HEADER, line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private static String quote(String field) {
    return field.matches("[^\",\r\n]*")
        ? field
        : '"' + field.replace("\"", "\"\"").replaceAll("[\r\n]+", " ") + '"';
  }

  /** How many different videos were left out since this log was opened. */
  public synchronized int count() {
    return skipped.size();
  }

  /** The videos left out since this log was opened, in the order in which they were met. */
  public synchronized List<VideoException> skipped() {
    return List.copyOf(skipped.values());
  }
}
