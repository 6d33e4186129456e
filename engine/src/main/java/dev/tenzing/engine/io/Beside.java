package dev.tenzing.engine.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** The hidden names under which things are written until they are whole. */
final class Beside {
  /** Bytes of randomness in a name. */
  private static final int RANDOM = 8;

  /** So many letters of the target's name are repeated: a name has 255 bytes at most. */
  private static final int REPEATED = 50;

  private static final SecureRandom RANDOMS = new SecureRandom();

  private Beside() {}

  /** The folder that a target lies in. */
  static Path folder(Path target) {
    Path folder = target.toAbsolutePath().getParent();
    return folder == null ? target.toAbsolutePath() : folder;
  }

  /** A name beside a target that nothing has and nobody foresees. */
  static Path unused(Path target) {
    byte[] random = new byte[RANDOM];
    RANDOMS.nextBytes(random);
    return folder(target).resolve(prefix(target) + HexFormat.of().formatHex(random) + ".writing");
  }

  private static String prefix(Path target) {
    String name = target.getFileName() == null ? "" : target.getFileName().toString();
    int letters = name.codePointCount(0, name.length());
    return "." + name.substring(0, name.offsetByCodePoints(0, Math.min(REPEATED, letters))) + ".";
  }

  /** Deletes what is left of writing a target by processes that were killed. */
  static void deleteLeftovers(Path target) throws IOException {
    Pattern name =
        Pattern.compile(
            Pattern.quote(prefix(target)) // older versions wrote under the name alone
                + "([0-9a-f]{"
                + 2 * RANDOM
                + "}\\.)?writing");
    if (!Files.isDirectory(folder(target))) {
      return;
    }
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            folder(target), entry -> name.matcher(entry.getFileName().toString()).matches())) {
      for (Path entry : entries) {
        AtomicFolder.deleteTree(entry);
      }
    }
  }

  /** Deletes a file or folder after something else went wrong, which counts more. */
  static void delete(Path unfinished, Throwable reason) {
    try {
      AtomicFolder.deleteTree(unfinished);
    } catch (IOException e) {
      reason.addSuppressed(e);
    }
  }

  /** Forces the names in a folder to disk, where the system can. */
  static void forceFolder(Path folder) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(folder, StandardOpenOption.READ);
    } catch (AccessDeniedException e) {
      return; // Windows opens no folders; elsewhere one may be writable and yet not readable.
    }
    try (channel) {
      channel.force(true);
    } catch (IOException e) {
      if (!"Invalid argument".equals(e.getMessage())) { // so network file systems put it
        throw e;
      }
    }
  }
}
