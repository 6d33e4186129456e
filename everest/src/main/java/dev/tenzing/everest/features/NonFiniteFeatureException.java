package dev.tenzing.everest.features;

/** A model made infinity or no number at all of a clip. */
public final class NonFiniteFeatureException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NonFiniteFeatureException(String message) {
    super(message);
  }
}
