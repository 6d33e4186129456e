package dev.tenzing.tools.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Locale;

/** Stdout, which knows why it cannot be written: a plain PrintStream only knows that it cannot. */
public final class Stdout extends PrintStream {
  private final Remembering sink;

  /** Stdout into a stream. */
  public Stdout(OutputStream to, Charset charset) {
    this(new Remembering(to), charset);
  }

  private Stdout(Remembering sink, Charset charset) {
    super(sink, true, charset);
    this.sink = sink;
  }

  /** That of this process. */
  public static Stdout ofProcess(Charset charset) {
    return new Stdout(new FileOutputStream(FileDescriptor.out), charset);
  }

  /** Why it cannot be written, or null. */
  public IOException problem() {
    return sink.problem;
  }

  /** Whether its reader has closed it. */
  static boolean isClosedPipe(IOException problem) {
    String message = problem.getMessage() == null ? "" : problem.getMessage();
    return message.toLowerCase(Locale.ROOT).contains("pipe"); // "The pipe is being closed" too
  }

  /** Hands everything on, and keeps the first failure. */
  private static final class Remembering extends OutputStream {
    private final OutputStream to;
    private volatile IOException problem;

    Remembering(OutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      try {
        to.write(bytes, from, length);
      } catch (IOException e) {
        problem = problem == null ? e : problem;
        throw e;
      }
    }

    @Override
    public void flush() throws IOException {
      try {
        to.flush();
      } catch (IOException e) {
        problem = problem == null ? e : problem;
        throw e;
      }
    }
  }
}
