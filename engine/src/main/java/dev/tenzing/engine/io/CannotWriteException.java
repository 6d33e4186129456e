package dev.tenzing.engine.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file or folder that cannot be written; the message is one sentence that names it and why. */
public final class CannotWriteException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  private CannotWriteException(String what, String reason, IOException cause) {
    super(what + ": " + reason, cause);
    this.reason = reason;
  }

  /** A file that cannot be written. */
  public static CannotWriteException file(Path file, IOException cause) {
    return new CannotWriteException("cannot write " + file, reason(file, cause), cause);
  }

  /** A folder that cannot be created. */
  static CannotWriteException folder(Path folder, IOException cause) {
    return new CannotWriteException(
        "cannot create the folder " + folder, reason(folder, cause), cause);
  }

  private static String reason(Path target, IOException cause) {
    Path above = target.toAbsolutePath().getParent();
    if (cause instanceof FileSystemException other && !isBelow(above, other.getFile())) {
      return FileProblem.sentence(cause); // something that was to be read for it
    }
    if (!(cause instanceof NoSuchFileException)) {
      return FileProblem.reason(cause);
    }
    return above == null || Files.isDirectory(above)
        ? "the system allows no new files there"
        : "there is no folder " + above;
  }

  private static boolean isBelow(Path folder, String file) {
    return folder == null || file == null || Path.of(file).toAbsolutePath().startsWith(folder);
  }

  /** Why, without the name. */
  public String reason() {
    return reason;
  }
}
