package dev.tenzing.video.prepare;

import dev.tenzing.video.decode.FileStamp;
import java.io.Closeable;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which copies are complete: a line for each, appended when the copy is in its place. A line that
 * was cut off counts for nothing, its copy is written again.
 */
final class ClipJournal implements Closeable {
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
  private final Writer out;

  /** Opens the journal of a folder. */
  ClipJournal(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    boolean cut = false;
    if (Files.exists(file)) {
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      cut = !text.isEmpty() && !text.endsWith("\n");
      List<String> lines = text.lines().toList();
      lines.subList(0, cut ? lines.size() - 1 : lines.size()).forEach(this::read);
    }
    out = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    if (cut) {
      out.write("\n");
    }
  }

  private void read(String line) {
    String[] fields = line.split("\t", 6);
    if (fields.length == 6 && fields[3].length() == 64) {
      try {
        FileStamp source = new FileStamp(Long.parseLong(fields[1]), Long.parseLong(fields[2]));
        copies.put(fields[5], new Copy(fields[0], source, Long.parseLong(fields[4]), fields[3]));
      } catch (NumberFormatException e) {
        // A damaged line: the copy is written again.
      }
    }
  }

  /** The complete copy with a name, null when there is none. */
  synchronized Copy find(String name) {
    return copies.get(name);
  }

  synchronized void add(String name, Copy copy) throws IOException {
    copies.put(name, copy);
    out.write(
        String.join(
            "\t",
            copy.format,
            Long.toString(copy.source.size()),
            Long.toString(copy.source.modified()),
            copy.sha256,
            Long.toString(copy.bytes),
            name + "\n"));
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
