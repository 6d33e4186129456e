package dev.tenzing.everest.verify;

/** A reference file that cannot be replayed; the message is one sentence. */
public final class VerifyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  VerifyException(String message) {
    super(message);
  }
}
