package dev.tenzing.tools.cli;

import java.io.PrintStream;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Where a command's output goes. Text for people goes to stdout, or to stderr when stdout is kept
 * for the one JSON value of {@code --json}; notes and progress always go to stderr.
 */
public final class Console implements AutoCloseable {
  private final PrintStream out;
  private final PrintStream err;
  private final boolean json;
  private final boolean terminal;
  private Progress progress;
  private boolean hasResult;

  /**
   * A console over two streams.
   *
   * @param json whether {@code out} is kept for one JSON value
   * @param terminal whether {@code err} is a terminal that can rewrite a line
   */
  public Console(PrintStream out, PrintStream err, boolean json, boolean terminal) {
    this.out = out;
    this.err = err;
    this.json = json;
    this.terminal = terminal;
  }

  /** Prints a line of the command's output for people. */
  public synchronized void print(String line) {
    clearProgress();
    (json ? err : out).println(line);
  }

  /** Prints a line about how it goes, on stderr. */
  public synchronized void note(String line) {
    clearProgress();
    err.println(line);
  }

  /**
   * Sets the result that {@code --json} prints: a record, map or list; see {@link Json}. Nothing is
   * printed without {@code --json}.
   */
  public synchronized void result(Object value) {
    if (hasResult) {
      throw new IllegalStateException("a command has one result");
    }
    hasResult = true;
    if (json) {
      clearProgress();
      out.println(Json.write(value));
    }
  }

  /**
   * Starts a progress line; the caller closes it before starting another.
   *
   * @param label what is going on, a word or two
   * @param total number of steps, or 0 when unknown
   */
  public Progress progress(String label, long total) {
    return progress(label, total, System::nanoTime);
  }

  synchronized Progress progress(String label, long total, LongSupplier nanoClock) {
    progress = new Progress(label, total, this, terminal, nanoClock);
    return progress;
  }

  /** Completes the output: with {@code --json} there is always one value. */
  @Override
  public synchronized void close() {
    clearProgress();
    if (json && !hasResult) {
      result(Map.of());
    }
    out.flush();
    err.flush();
  }

  /** Ends the output with an error: a sentence, and with {@code --json} an object that holds it. */
  synchronized void fail(String sentence) {
    note("tenzing: " + sentence);
    if (!hasResult) {
      result(Map.of("error", sentence));
    }
    close();
  }

  synchronized void rewriteLine(String line) {
    err.print("\r\u001b[K" + line);
    err.flush();
  }

  private void clearProgress() {
    if (progress != null && progress.isShown()) {
      err.print("\r\u001b[K");
      progress.hidden();
    }
  }
}
