package dev.tenzing.tools.cli;

import dev.tenzing.video.decode.FFmpegMissingException;
import dev.tenzing.video.list.VideoListException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What an exception means: an exit code and one sentence. */
public final class Errors {
  /** Exit code of a request that failed. */
  public static final int FAILED = 1;

  /** Exit code of a request that is impossible. */
  public static final int USAGE = 2;

  private Errors() {}

  /**
   * Tells the user and returns the exit code.
   *
   * <p>Every exception type of the program carries a sentence for people. An {@link
   * IllegalArgumentException} of any module is a bad request, an {@link IOException} a failure that
   * names its file. Anything unforeseen is named by its class.
   */
  public static int report(Throwable error, Console console, PrintStream err, boolean debug) {
    Throwable cause = unwrap(error);
    String sentence = sentence(cause);
    console.fail(sentence);
    if (debug) {
      error.printStackTrace(err);
    }
    return cause instanceof UsageException
            || cause instanceof VideoListException
            || cause instanceof IllegalArgumentException && !isUnforeseen(cause)
        ? USAGE
        : FAILED;
  }

  private static Throwable unwrap(Throwable error) {
    for (Throwable inner = error; inner != null; inner = inner.getCause()) {
      if (inner instanceof FFmpegMissingException) {
        return inner; // Whichever thread came upon it first.
      }
    }
    Throwable inner = error;
    while (inner.getCause() != null
        && (inner instanceof UncheckedIOException
            || inner instanceof ExecutionException
            || inner instanceof CompletionException)) {
      inner = inner.getCause();
    }
    return inner;
  }

  static String sentence(Throwable error) {
    return switch (error) {
      case OutOfMemoryError e ->
          "the Java heap of %s MiB is full; a smaller batch needs less, and TENZING_JAVA_OPTS=-Xmx8g allows more"
              .formatted(Runtime.getRuntime().maxMemory() >> 20);
      case Throwable e when isUnforeseen(e) ->
          "unexpected "
              + e.getClass().getName()
              + (e.getMessage() == null ? "" : ": " + firstLine(e.getMessage()))
              + " (--debug shows where)";
      case NoSuchFileException e -> e.getFile() + ": no such file or folder";
      case FileNotFoundException e -> firstLine(e.getMessage());
      case AccessDeniedException e -> e.getFile() + ": permission denied";
      case FileAlreadyExistsException e -> e.getFile() + ": already exists";
      case NotDirectoryException e -> e.getFile() + ": not a folder";
      case DirectoryNotEmptyException e -> e.getFile() + ": the folder is not empty";
      default -> firstLine(error.getMessage());
    };
  }

  /**
   * Whether no part of the program throws this to be read by people. Our own exception types are,
   * and what the JDK throws about files and arguments.
   */
  private static boolean isUnforeseen(Throwable error) {
    boolean foreseen =
        error.getClass().getName().startsWith("dev.tenzing.")
            || error instanceof IOException
            || error instanceof IllegalArgumentException
                && !(error instanceof NumberFormatException);
    return !foreseen || error.getMessage() == null;
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }
}
