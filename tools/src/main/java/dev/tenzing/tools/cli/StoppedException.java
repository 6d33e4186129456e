package dev.tenzing.tools.cli;

/** Work that was stopped from outside and says, in one sentence, what it left and how to go on. */
public final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  /** Stopped with an exit code: 128 and the number of the signal. */
  public StoppedException(int code, String sentence) {
    super(sentence);
    this.code = code;
  }

  /** The exit code. */
  public int code() {
    return code;
  }
}
