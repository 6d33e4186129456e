package dev.tenzing.tools.command;

import dev.tenzing.engine.io.AtomicFolder;
import dev.tenzing.tools.cli.UsageException;
import dev.tenzing.tools.picture.Picture;
import dev.tenzing.tools.picture.Png;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The picture file a command writes.
 *
 * @param path its name
 */
record PictureFile(Path path) {
  /** Rejects names that promise another format. */
  PictureFile {
    if (!path.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
      throw new UsageException("--output must be a .png file, got " + path);
    }
  }

  /** Writes it, and the folders it lies in. */
  void write(Picture picture) throws IOException {
    if (path.toAbsolutePath().getParent() != null) {
      AtomicFolder.create(path.toAbsolutePath().getParent());
    }
    Png.write(path, picture);
  }
}
