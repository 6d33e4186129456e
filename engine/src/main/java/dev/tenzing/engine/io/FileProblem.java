package dev.tenzing.engine.io;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.UnmappableCharacterException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.util.List;
import java.util.Locale;

/** What the JDK and the system say of files, in words for people. */
public final class FileProblem {
  /** What the system says, as its text begins, and what it means. */
  private record Meaning(String text, String words) {}

  private static final List<Meaning> MEANINGS =
      List.of(
          new Meaning("no space left on device", "the disk is full"),
          new Meaning("there is not enough space on the disk", "the disk is full"),
          new Meaning("disk quota exceeded", "the disk quota is used up"),
          new Meaning("file too large", "it would be larger than ulimit -f or the disk allows"),
          new Meaning("too many open files", "too many files are open; ulimit -n allows more"),
          new Meaning("read-only file system", "the file system is read-only"),
          new Meaning("is a directory", "it is a folder"),
          new Meaning("not a directory", "a part of the path is a file, not a folder"),
          new Meaning("no such file or directory", "no such file or folder"),
          new Meaning("permission denied", "permission denied"),
          new Meaning("operation not permitted", "permission denied"),
          new Meaning("file exists", "already exists"),
          new Meaning("directory not empty", "the folder is not empty"),
          new Meaning("file name too long", "the name is too long"),
          new Meaning("too many levels of symbolic links", "it is a link, which is not followed"),
          new Meaning("invalid cross-device link", "it lies on another file system"),
          new Meaning("input/output error", "the disk reports an input/output error"),
          new Meaning("no such device or address", "it is no file that can be opened"),
          new Meaning("stale file handle", "the network folder is gone"),
          new Meaning("transport endpoint is not connected", "the network folder is gone"),
          new Meaning("device or resource busy", "something else is using it"),
          new Meaning("text file busy", "it is a program that is running"),
          new Meaning("broken pipe", "its reader has closed it"),
          new Meaning("bad file descriptor", "it is closed"),
          new Meaning("stream closed", "it is closed"),
          new Meaning("map failed", "the system has no memory left for it"),
          new Meaning("cannot allocate memory", "the system has no memory left for it"),
          new Meaning("invalid argument", "the file system does not allow it"),
          new Meaning("operation not supported", "the file system does not allow it"));

  private FileProblem() {}

  /** Why something could not be done with a file, without the file's name. */
  public static String reason(IOException e) {
    return switch (e) {
      case CannotWriteException known -> known.reason();
      case NoSuchFileException gone -> "no such file or folder";
      case AccessDeniedException denied -> "permission denied";
      case FileAlreadyExistsException there -> "already exists";
      case NotDirectoryException file -> "not a folder";
      case DirectoryNotEmptyException full -> "the folder is not empty";
      case AtomicMoveNotSupportedException elsewhere -> "it lies on another file system";
      case FileSystemLoopException loop -> "its links lead round in a circle";
      case NotLinkException file -> "not a link";
      case FileSystemException other -> words(other.getReason());
      case FileNotFoundException old -> words(inParentheses(old.getMessage()));
      case MalformedInputException bytes -> "not text in UTF-8";
      case UnmappableCharacterException letter -> "holds letters that its encoding does not have";
      case InterruptedIOException stopped -> "interrupted";
      case ClosedChannelException closed -> "it was closed while in use";
      default -> words(e.getMessage());
    };
  }

  /** The same with the name of the file, where the exception knows it. */
  public static String sentence(IOException e) {
    if (e instanceof CannotWriteException) {
      return e.getMessage();
    }
    if (e instanceof FileSystemException named && named.getFile() != null) {
      return named.getFile() + ": " + reason(e);
    }
    if (e instanceof FileNotFoundException && e.getMessage() != null) {
      String file = e.getMessage().replaceFirst(" \\([^()]*\\)$", "");
      return file.equals(e.getMessage()) ? file : file + ": " + reason(e);
    }
    return reason(e);
  }

  // FileNotFoundException: "FILE (the system's words)"
  private static String inParentheses(String message) {
    int from = message == null ? -1 : message.lastIndexOf(" (");
    return from < 0 || !message.endsWith(")")
        ? message
        : message.substring(from + 2, message.length() - 1);
  }

  private static String words(String systems) {
    if (systems == null || systems.isBlank()) {
      return "the system does not say why";
    }
    String first = systems.lines().findFirst().orElse("").strip();
    String small = first.toLowerCase(Locale.ROOT);
    return MEANINGS.stream()
        .filter(meaning -> small.startsWith(meaning.text))
        .map(Meaning::words)
        .findFirst()
        .orElse(first);
  }
}
