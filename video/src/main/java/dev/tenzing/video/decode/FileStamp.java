package dev.tenzing.video.decode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

/**
 * What tells whether a file is still the one that was looked at.
 *
 * @param size in bytes; of all pictures of a folder together
 * @param modified when it was last written, microseconds since 1970; of a folder of pictures a sum
 *     of their names, sizes and times, as its own time does not tell that one of them was changed
 */
public record FileStamp(long size, long modified) {
  /** The stamp of a file that is not there or cannot be asked. */
  public static final FileStamp NONE = new FileStamp(-1, 0);

  /** The stamp of a file or a folder of pictures as it is now. */
  public static FileStamp of(Path file) {
    try {
      if (FrameFolder.is(file)) {
        return FrameFolder.open(file).stamp();
      }
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(found.size(), found.lastModifiedTime().to(TimeUnit.MICROSECONDS));
    } catch (IOException | VideoException e) {
      return NONE;
    }
  }
}
