package dev.tenzing.everest.run;

/** A folder that another process is writing; the message names it in one sentence. */
public final class RunInUseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A reason told in one sentence. */
  public RunInUseException(String message) {
    super(message);
  }
}
