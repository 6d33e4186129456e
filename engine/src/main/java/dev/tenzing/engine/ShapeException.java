package dev.tenzing.engine;

/**
 * An operation was given tensors whose shapes, types or devices it cannot use; the message names
 * the operation and both.
 */
public final class ShapeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** An error told in one sentence. */
  public ShapeException(String message) {
    super(message);
  }
}
