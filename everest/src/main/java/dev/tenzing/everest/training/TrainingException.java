package dev.tenzing.everest.training;

/** A run that cannot go on; the message is one sentence that says why and what was kept. */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A reason told in one sentence. */
  public TrainingException(String message) {
    super(message);
  }

  /** A reason told in one sentence, with its cause. */
  public TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
