package dev.tenzing.tools.cli;

/**
 * A well-formed request that failed: an unreadable checkpoint, a comparison out of tolerance. Exit
 * code 1.
 *
 * <p>The message is one sentence for people that names the thing and the fix.
 */
public final class FailureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error told in one sentence. */
  public FailureException(String message) {
    super(message);
  }

  /** An error told in one sentence, with what led to it for {@code --debug}. */
  public FailureException(String message, Throwable cause) {
    super(message, cause);
  }
}
