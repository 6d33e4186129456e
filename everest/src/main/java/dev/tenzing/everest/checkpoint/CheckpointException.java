package dev.tenzing.everest.checkpoint;

/**
 * A checkpoint that is missing, damaged or does not fit; the message is one sentence that names the
 * file and the defect.
 */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A defect told in one sentence. */
  public CheckpointException(String message) {
    super(message);
  }

  /** A defect told in one sentence, with what revealed it. */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
