package dev.tenzing.video.file;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A text file to which lines are added. What a process that was killed left of its last line is cut
 * off before the first one is added, and lines with bytes that no text has count for nothing: a
 * damaged log is never in the way of the work that it is about.
 */
public final class LineLog implements Closeable {
  /** No line of a log is longer: what is counts as damaged. */
  private static final int LONGEST = 1 << 20;

  private final Path file;
  private final List<String> lines = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  /** Open as long as the log is, when no other process may add to it; else null. */
  private FileChannel out;

  private LineLog(Path file) {
    this.file = file;
  }

  /**
   * Reads a log. A missing one is empty, and its first line creates it.
   *
   * @throws IOException when it is there and cannot be read; the message begins with its name
   */
  public static LineLog open(Path file) throws IOException {
    LineLog log = new LineLog(file);
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      try (FileChannel in = FileChannel.open(file)) {
        log.read(in);
      } catch (IOException e) {
        throw log.failed("cannot be read", e);
      }
    }
    return log;
  }

  /**
   * Opens a log that one process at a time adds to.
   *
   * @return nothing when another one does
   */
  public static Optional<LineLog> openAlone(Path file) throws IOException {
    LineLog log = new LineLog(file);
    try {
      log.out = log.openFile();
      if (!lock(log.out)) {
        log.out.close();
        return Optional.empty();
      }
      log.read(log.out);
      goToEnd(log.out);
      return Optional.of(log);
    } catch (IOException e) {
      if (log.out != null) {
        log.out.close();
      }
      throw log.failed("cannot be opened", e);
    }
  }

  private static boolean lock(FileChannel file) throws IOException {
    try {
      return file.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private void read(FileChannel in) throws IOException {
    int damaged = 0;
    boolean torn = false;
    boolean tooLong = false;
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (in.read(buffer.clear()) >= 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        byte one = buffer.get();
        torn = one != '\n';
        if (torn) {
          tooLong |= line.size() == LONGEST;
          if (!tooLong) {
            line.write(one);
          }
          continue;
        }
        String text = tooLong ? null : text(line.toByteArray());
        if (text == null) {
          damaged++;
        } else {
          lines.add(text);
        }
        line.reset();
        tooLong = false;
      }
    }
    if (torn) {
      notes.add(file + ": the last line was cut off and counts for nothing");
    }
    if (damaged > 0) {
      notes.add(
          "%s: %s damaged and %s for nothing"
              .formatted(
                  file,
                  damaged == 1 ? "a line is" : damaged + " lines are",
                  damaged == 1 ? "counts" : "count"));
    }
  }

  /** The text of a line, null when it is none. */
  private static String text(byte[] bytes) {
    CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    try {
      String text = utf8.decode(ByteBuffer.wrap(bytes)).toString();
      return text.chars().anyMatch(c -> c < ' ' && c != '\t' && c != '\r') ? null : text;
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** The whole lines that were there when it was opened. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  /** What was wrong with the file when it was opened, a sentence each. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /**
   * Adds lines, all of them or, when the disk is full, none; they are on the disk when this
   * returns.
   *
   * @throws IOException that begins with the file's name
   */
  public synchronized void add(String... more) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line : more) {
      text.append(line).append('\n');
    }
    ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
    try {
      if (out != null) {
        append(out, bytes);
      } else {
        try (FileChannel once = openFile()) {
          goToEnd(once);
          append(once, bytes);
        }
      }
    } catch (IOException e) {
      throw failed("cannot be written", e);
    }
  }

  private static void append(FileChannel out, ByteBuffer bytes) throws IOException {
    long end = out.position();
    try {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(false);
    } catch (IOException e) {
      out.truncate(end);
      throw e;
    }
  }

  private FileChannel openFile() throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    return FileChannel.open(
        file,
        Set.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS));
  }

  /** Goes behind the last whole line and cuts off what follows. */
  private static void goToEnd(FileChannel file) throws IOException {
    long end = file.size();
    ByteBuffer one = ByteBuffer.allocate(1);
    while (end > 0) {
      file.read(one.clear(), end - 1);
      if (one.get(0) == '\n') {
        break;
      }
      end--;
    }
    file.truncate(end).position(end);
  }

  private IOException failed(String what, IOException e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new IOException(file + ": " + what + " (" + message.replace(file + ": ", "") + ")", e);
  }

  @Override
  public synchronized void close() throws IOException {
    if (out != null) {
      out.close();
      out = null;
    }
  }
}
