package dev.tenzing.tools.cli;

import dev.tenzing.engine.io.FileProblem;
import dev.tenzing.video.decode.FFmpegMissingException;
import dev.tenzing.video.list.VideoListException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What an exception means: an exit code and one sentence. */
public final class Errors {
  /** Exit code of a request that failed. */
  public static final int FAILED = 1;

  /** Exit code of a request that is impossible. */
  public static final int USAGE = 2;

  /** Letters of a sentence: values out of files and of the command line may be of any length. */
  private static final int LONGEST = 1000;

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
    console.fail(readable(sentence(cause)));
    if (debug) {
      error.printStackTrace(err);
    }
    if (cause instanceof StoppedException stopped) {
      return stopped.code();
    }
    return cause instanceof UsageException
            || cause instanceof VideoListException
            || cause instanceof IllegalArgumentException && !isUnforeseen(cause)
        ? USAGE
        : FAILED;
  }

  /**
   * Tells the user that a command's output did not arrive and returns the exit code. A reader that
   * had enough, such as {@code head}, needs no word.
   */
  public static int reportUnwritten(PrintStream out, PrintStream err) {
    IOException problem = out instanceof Stdout stdout ? stdout.problem() : null;
    if (problem == null || !Stdout.isClosedPipe(problem)) {
      err.println(
          "tenzing: cannot write the output"
              + (problem == null ? "" : ": " + FileProblem.reason(problem)));
    }
    return FAILED;
  }

  private static Throwable unwrap(Throwable error) {
    for (Throwable inner = error; inner != null; inner = inner.getCause()) {
      if (inner instanceof FFmpegMissingException) {
        return inner; // Whichever thread came upon it first.
      }
    }
    Throwable inner = error;
    // What has no words of its own but those of its cause is a wrapper too: so a pool of threads
    // hands on what was thrown in another one.
    while (inner.getCause() != null
        && (inner.getCause().toString().equals(inner.getMessage())
            || inner instanceof UncheckedIOException
            || inner instanceof ExecutionException
            || inner instanceof CompletionException)) {
      inner = inner.getCause();
    }
    return inner;
  }

  static String sentence(Throwable error) {
    return switch (error) {
      case OutOfMemoryError e -> memory(e);
      case StackOverflowError e -> "the input is nested too deeply to be read";
      case InvalidPathException e -> path(e);
      case Throwable e when isUnforeseen(e) ->
          "unexpected "
              + e.getClass().getName()
              + (e.getMessage() == null ? "" : ": " + firstLine(e.getMessage()))
              + " (--debug shows where)";
      case IOException e -> FileProblem.sentence(e);
      default -> error.getMessage();
    };
  }

  /** Memory has several ends, and other options help at each. */
  private static String memory(OutOfMemoryError error) {
    String message = Objects.toString(error.getMessage(), "");
    if (message.contains("native thread")) {
      return "the system allows no more threads; --threads takes fewer, ulimit -u allows more";
    }
    if (message.contains("direct buffer") || message.contains("Unable to allocate")) {
      return "the memory outside of the Java heap is used up; a smaller batch needs less";
    }
    if (message.contains("Map failed")) {
      return "the system has no memory left to map a file; a smaller batch needs less";
    }
    return "the Java heap of %s MiB is full; a smaller batch needs less, and TENZING_JAVA_OPTS=-Xmx8g allows more"
        .formatted(Runtime.getRuntime().maxMemory() >> 20);
  }

  private static String path(InvalidPathException e) {
    String input = e.getInput().replaceAll("\\p{Cntrl}", "?");
    return e.getInput().indexOf('\0') >= 0
        ? "\"" + input + "\" is no path: it holds a zero character"
        : "\""
            + input
            + "\" is no path that this locale can write; LC_ALL=C.UTF-8 allows all letters";
  }

  /**
   * A sentence as a terminal may show it: on one line, without what moves its cursor, and cut in
   * the middle when it is long, since it begins with the file's name and ends with the fix.
   */
  static String readable(String sentence) {
    StringBuilder out = new StringBuilder();
    sentence
        .strip()
        .codePoints()
        .map(letter ->
            switch (Character.getType(letter)) {
              case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                  letter == '\n' || letter == '\r' || letter == '\t' ? ' ' : 0xFFFD;
              case Character.FORMAT, Character.SURROGATE -> 0xFFFD;
              default -> letter;
            })
        .forEach(out::appendCodePoint);
    if (out.length() > LONGEST) {
      out.replace(LONGEST * 2 / 3, out.length() - LONGEST / 3, " … ");
    }
    return out.toString();
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
    boolean hasWords =
        error.getMessage() != null
            || error instanceof FileSystemException
            || error instanceof ClosedChannelException;
    return !foreseen || !hasWords;
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }
}
