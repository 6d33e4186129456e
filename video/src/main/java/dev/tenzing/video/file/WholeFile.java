package dev.tenzing.video.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;

/**
 * A file that appears whole or not at all. It is written beside its place under a name that nobody
 * can foresee and that was not there, so that no link is followed; forced to the disk; and renamed.
 * When that fails the old file is as it was, nothing is left behind, and the error names the file.
 */
public final class WholeFile {
  private static final String BEGINNING = ".part-";
  private static final SecureRandom NAMES = new SecureRandom();

  /**
   * Makes the content.
   *
   * @param <E> what else may go wrong
   */
  @FunctionalInterface
  public interface Content<E extends Exception> {
    /** Writes it to {@code part}, an empty file with the ending of the one that is wanted. */
    void write(Path part) throws IOException, E;
  }

  private WholeFile() {}

  /** Writes a text in UTF-8. */
  public static void write(Path file, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    WholeFile.<RuntimeException>make(
        file,
        part -> {
          try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
              out.write(left);
            }
          }
        });
  }

  /** Writes a text in UTF-8, unless the file holds it already. */
  public static void update(Path file, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    boolean same =
        Files.isRegularFile(file)
            && Files.size(file) == bytes.length
            && Arrays.equals(Files.readAllBytes(file), bytes);
    if (!same) {
      write(file, text);
    }
  }

  /**
   * Has a file made by whoever writes to a path.
   *
   * @throws IOException that begins with the file's name
   */
  public static <E extends Exception> void make(Path file, Content<E> content)
      throws IOException, E {
    Path part = null;
    try {
      part = create(file);
      content.write(part);
      try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
        out.force(true);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      part = null;
    } catch (IOException e) {
      throw unwritable(file, part, e);
    } catch (UncheckedIOException e) {
      throw unwritable(file, part, e.getCause());
    } finally {
      if (part != null) {
        Files.deleteIfExists(part);
      }
    }
  }

  private static Path create(Path file) throws IOException {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    String ending = dot < 0 ? "" : name.substring(dot);
    byte[] unforeseen = new byte[8];
    NAMES.nextBytes(unforeseen);
    String random = HexFormat.of().formatHex(unforeseen);
    return Files.createFile(file.resolveSibling(BEGINNING + random + ending));
  }

  /** An error about a file, whatever was said of the one beside it. */
  private static IOException unwritable(Path file, Path part, IOException e) {
    return new IOException(file + ": cannot be written (" + reason(file, part, e) + ")", e);
  }

  private static String reason(Path file, Path part, IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "there is no such folder";
      case AccessDeniedException denied -> "permission denied";
      case FileAlreadyExistsException there -> "already exists";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      case IOException other -> {
        String message = other.getMessage() == null ? "no reason is known" : other.getMessage();
        message = part == null ? message : message.replace(part + ": ", "");
        yield part == null ? message : message.replace(part.toString(), file.toString());
      }
    };
  }

  /**
   * Removes what processes that were killed left below a folder. No other process may be writing
   * there.
   */
  public static void sweep(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path part : all.filter(WholeFile::isPart).toList()) {
        Files.deleteIfExists(part);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static boolean isPart(Path path) {
    Path name = path.getFileName();
    return name != null && name.toString().startsWith(BEGINNING) && Files.isRegularFile(path);
  }
}
