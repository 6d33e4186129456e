package dev.tenzing.tools.cli;

/**
 * What was asked for is impossible: a bad option, list, shape or configuration. Exit code 2.
 *
 * <p>The message is one sentence for people that names the thing and the fix.
 */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error told in one sentence. */
  public UsageException(String message) {
    super(message);
  }
}
