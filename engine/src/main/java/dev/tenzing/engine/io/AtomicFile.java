package dev.tenzing.engine.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A file that appears whole or not at all. */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes the content. */
  @FunctionalInterface
  public interface Content {
    /** Writes it into an empty file, open for writing. */
    void write(FileChannel out) throws IOException;
  }

  /**
   * Writes a file beside its target, forces it to disk and renames it, so that a crash or a full
   * disk leaves the old file as it was.
   *
   * @throws IOException when it cannot be written; nothing is left behind
   */
  public static void write(Path path, Content content) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    Path writing = folder.resolve("." + path.getFileName() + ".writing");
    try {
      try (FileChannel out =
          FileChannel.open(
              writing,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        content.write(out);
        out.force(true);
      }
      Files.move(
          writing, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(writing);
    }
  }
}
