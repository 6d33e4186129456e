package dev.tenzing.engine.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that appears whole or not at all: the way in which every file of the program is written
 * that does not grow line by line (see {@link LineLog}).
 *
 * <p>It is written beside its target under a name that nobody foresees, as a new file, so that no
 * link is followed and nothing there is overwritten; forced to disk; renamed; and its folder is
 * forced too. A crash or a full disk leaves the old file as it was.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes the content. */
  @FunctionalInterface
  public interface Content {
    /** Writes it into an empty file, open for writing. */
    void write(FileChannel out) throws IOException;
  }

  /**
   * Writes a file.
   *
   * @throws CannotWriteException when it cannot be written; nothing is left behind
   * @throws IOException of a type of its own that {@code content} throws, as it is
   */
  public static void write(Path path, Content content) throws IOException {
    Path writing = Beside.unused(path);
    try {
      try (FileChannel out =
          FileChannel.open(writing, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.write(out);
        out.force(true);
      }
      if (Files.isDirectory(path)) { // the system would speak of the name that is not the target's
        throw new FileSystemException(path.toString(), null, "Is a directory");
      }
      Files.move(
          writing, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      Beside.forceFolder(Beside.folder(path));
    } catch (IOException e) {
      Beside.delete(writing, e);
      // Exactly IOException is what a channel throws; content has types of its own to say its own.
      throw e.getClass() == IOException.class || e instanceof FileSystemException
          ? CannotWriteException.file(path, e)
          : e;
    } catch (RuntimeException | Error e) {
      Beside.delete(writing, e);
      throw e;
    }
  }

  /** Writes a file of bytes that are there already; see {@link #write(Path, Content)}. */
  public static void write(Path path, byte[] bytes) throws IOException {
    write(
        path,
        out -> {
          ByteBuffer rest = ByteBuffer.wrap(bytes);
          while (rest.hasRemaining()) {
            out.write(rest);
          }
        });
  }

  /** Writes a text in UTF-8; see {@link #write(Path, Content)}. */
  public static void write(Path path, String text) throws IOException {
    write(path, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Deletes what killed processes left of writing a file. Only for who knows that no other process
   * is writing it.
   */
  public static void deleteLeftovers(Path path) throws IOException {
    Beside.deleteLeftovers(path);
  }
}
