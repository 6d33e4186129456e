package dev.tenzing.engine.io;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A file of lines in UTF-8 that grows at its end. A crash may cut it anywhere, in a line or in a
 * letter: a last line without its end counts for nothing and is taken off before the next one is
 * written; a line that is no text is passed over. Both are told in a sentence that names the file.
 */
public final class LineLog implements Closeable {
  /** No line of any log of ours is nearly as long; a longer one is damage. */
  private static final int LONGEST = 1 << 20;

  private final Path path;
  private final FileChannel file;

  private LineLog(Path path, FileChannel file) {
    this.path = path;
    this.file = file;
  }

  /** Opens a file to read it and to go on in it, or creates it. A link is not followed. */
  public static LineLog open(Path path) throws IOException {
    try {
      return new LineLog(
          path,
          FileChannel.open(
              path,
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS));
    } catch (IOException e) {
      throw CannotWriteException.file(path, e);
    }
  }

  /** Reads a file that somebody else may be writing, and leaves it as it is. */
  public static void read(Path path, Consumer<String> lines, Consumer<String> damage)
      throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      scan(
          path,
          file,
          line -> {
            lines.accept(line);
            return true;
          },
          damage);
    }
  }

  /** Whether this process alone may write it now; false when another one does. */
  public boolean lock() throws IOException {
    try {
      return file.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /**
   * Reads the lines and makes ready to go on after them.
   *
   * @param keep hears each line; where it says no the file is cut: that line and all later ones go
   * @param damage told, in a sentence, of what is passed over or taken off
   */
  public void read(Predicate<String> keep, Consumer<String> damage) throws IOException {
    file.position(0);
    long end = scan(path, file, keep, damage);
    try {
      if (end < file.size()) {
        file.truncate(end);
      }
      file.position(end);
    } catch (IOException e) {
      throw CannotWriteException.file(path, e);
    }
  }

  /** Returns where the last line that is kept ends. */
  private static long scan(
      Path path, FileChannel file, Predicate<String> keep, Consumer<String> damage)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean tooLong = false;
    long end = 0;
    long at = 0;
    long number = 0;
    while (file.read(buffer.clear()) >= 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        byte next = buffer.get();
        at++;
        if (next != '\n') {
          tooLong |= line.size() == LONGEST;
          if (!tooLong) {
            line.write(next);
          }
          continue;
        }
        number++;
        String text = tooLong ? null : text(line.toByteArray());
        line.reset();
        tooLong = false;
        if (text == null) {
          damage.accept(path + ": line " + number + " is damaged and left out");
        } else if (!keep.test(text)) {
          return end;
        }
        end = text == null ? end : at;
      }
    }
    if (line.size() > 0 || tooLong) {
      damage.accept(path + ": its last line was cut off and counts for nothing");
    }
    return end;
  }

  private static String text(byte[] line) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /**
   * Writes a line at the end; a line that cannot be written whole is taken off.
   *
   * @param force whether it is on disk when this returns
   */
  public void append(String line, boolean force) throws IOException {
    long before = file.position();
    try {
      ByteBuffer rest = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
      while (rest.hasRemaining()) {
        file.write(rest);
      }
      if (force) {
        file.force(false);
      }
    } catch (IOException e) {
      try {
        file.truncate(before);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw CannotWriteException.file(path, e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
