package dev.tenzing.video.load;

import dev.tenzing.video.decode.VideoException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
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

  private final Path csv;
  private final Map<Path, VideoException> skipped = new LinkedHashMap<>();
  private final Set<String> written = new HashSet<>();

  /**
   * @param csv where to write, or null to keep the list in memory only
   * @throws UncheckedIOException when a file that is there cannot be read
   */
  public SkipLog(Path csv) {
    this.csv = csv;
    if (csv != null && Files.exists(csv)) {
      try {
        written.addAll(Files.readAllLines(csv));
      } catch (IOException e) {
        throw new UncheckedIOException(csv + ": the list of skipped videos cannot be read", e);
      }
    }
  }

  /** Notes a video, the first time that it is met. */
  public synchronized void add(VideoException defect) {
    if (skipped.putIfAbsent(defect.path(), defect) != null || csv == null) {
      return;
    }
    String line =
        quote(defect.path().toString())
            + ","
            + defect.reason().code()
            + ","
            + quote(defect.sentence());
    List<String> lines = new ArrayList<>();
    if (written.isEmpty()) {
      written.add(HEADER);
      lines.add(HEADER);
    }
    if (written.add(line)) {
      lines.add(line);
      append(lines);
    }
  }

  private void append(List<String> lines) {
    try {
      if (csv.getParent() != null) {
        Files.createDirectories(csv.getParent());
      }
      Files.write(csv, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(csv + ": the list of skipped videos cannot be written", e);
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
