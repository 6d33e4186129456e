package dev.tenzing.engine.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder that appears with all its files or not at all, as {@link AtomicFile} does it for one.
 */
public final class AtomicFolder {
  private AtomicFolder() {}

  /** Writes what is in it. */
  @FunctionalInterface
  public interface Content {
    /** Writes it into an empty folder. */
    void write(Path folder) throws IOException;
  }

  /**
   * Writes a folder that is not there yet.
   *
   * @throws CannotWriteException when it cannot be written; nothing is left behind
   * @throws IOException of a type of its own that {@code content} throws, as it is
   */
  public static void write(Path target, Content content) throws IOException {
    Path writing = Beside.unused(target);
    try {
      Files.createDirectory(writing);
      content.write(writing);
      try (DirectoryStream<Path> files = Files.newDirectoryStream(writing)) {
        for (Path file : files) {
          force(file);
        }
      }
      Beside.forceFolder(writing);
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(target.toString());
      }
      Files.move(writing, target, StandardCopyOption.ATOMIC_MOVE);
      Beside.forceFolder(Beside.folder(target));
    } catch (IOException e) {
      Beside.delete(writing, e);
      throw e.getClass() == IOException.class
              || e instanceof FileSystemException
              || e instanceof CannotWriteException
          ? CannotWriteException.file(target, e)
          : e;
    } catch (RuntimeException | Error e) {
      Beside.delete(writing, e);
      throw e;
    }
  }

  /**
   * Creates a folder and those above it, unless they are there.
   *
   * @throws CannotWriteException when that is impossible
   */
  public static void create(Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (FileAlreadyExistsException e) {
      throw CannotWriteException.folder(
          folder, new FileSystemException(folder.toString(), null, "a file has that name"));
    } catch (IOException e) {
      throw CannotWriteException.folder(folder, e);
    }
  }

  /** Deletes a file, or a folder with all that is in it; links are deleted, not followed. */
  public static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> entries;
    try (Stream<Path> tree = Files.walk(root)) {
      entries = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path entry : entries) {
      Files.delete(entry);
    }
  }

  private static void force(Path file) throws IOException {
    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
  }

  /** Deletes what killed processes left of writing a folder; see {@link AtomicFile}. */
  public static void deleteLeftovers(Path target) throws IOException {
    Beside.deleteLeftovers(target);
  }
}
