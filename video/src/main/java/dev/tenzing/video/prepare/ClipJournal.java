package dev.tenzing.video.prepare;

import dev.tenzing.video.decode.FileStamp;
import dev.tenzing.video.file.LineLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Which copies are complete: a line for each, appended when the copy is in its place. A line that
 * was cut off, or whose checksum is not that of its text, counts for nothing: its copy is written
 * again.
 */
final class ClipJournal {
  static final String NAME = "clips.journal";

  /**
   * A complete copy.
   *
   * @param format of the copy
   * @param source the video's stamp when it was copied
   * @param bytes size of the copy
   * @param sha256 of the copy, hexadecimal
   */
  record Copy(String format, FileStamp source, long bytes, String sha256) {}

  private final Map<String, Copy> copies = new HashMap<>();
  private final LineLog log;

  /** Opens the journal of a folder. */
  ClipJournal(Path folder) throws IOException {
    log = LineLog.open(folder.resolve(NAME));
    log.lines().forEach(this::read);
  }

  /** What was wrong with the journal when it was opened, a sentence each. */
  List<String> notes() {
    return log.notes();
  }

  private void read(String line) {
    String[] fields = line.split("\t", 7);
    if (fields.length == 7
        && fields[4].length() == 64
        && fields[0].equals(checksum(line.substring(fields[0].length() + 1)))) {
      try {
        FileStamp source = new FileStamp(Long.parseLong(fields[2]), Long.parseLong(fields[3]));
        copies.put(fields[6], new Copy(fields[1], source, Long.parseLong(fields[5]), fields[4]));
      } catch (NumberFormatException e) {
        // A damaged line: the copy is written again.
      }
    }
  }

  private static String checksum(String text) {
    CRC32 sum = new CRC32();
    sum.update(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().toHexDigits((int) sum.getValue());
  }

  /** The complete copy with a name, null when there is none. */
  synchronized Copy find(String name) {
    return copies.get(name);
  }

  synchronized void add(String name, Copy copy) throws IOException {
    copies.put(name, copy);
    if (name.indexOf('\n') >= 0 || name.indexOf('\r') >= 0) {
      return; // It cannot stand in a line, so it is written again by a second run.
    }
    String text =
        String.join(
            "\t",
            copy.format,
            Long.toString(copy.source.size()),
            Long.toString(copy.source.modified()),
            copy.sha256,
            Long.toString(copy.bytes),
            name);
    log.add(checksum(text) + "\t" + text);
  }
}
