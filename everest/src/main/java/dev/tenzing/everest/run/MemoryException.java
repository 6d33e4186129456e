package dev.tenzing.everest.run;

/** Memory that is not there; the message says how much is needed, how much there is, what helps. */
public final class MemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A reason told in one sentence. */
  public MemoryException(String message) {
    super(message);
  }
}
