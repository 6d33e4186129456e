package dev.tenzing.everest.task.classification;

/** An accuracy that would not be that of its list; the message is one sentence that says why. */
public final class EvaluationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A reason told in one sentence. */
  public EvaluationException(String message) {
    super(message);
  }
}
