package dev.tenzing.everest.verify;

/**
 * One tensor compared with its reference.
 *
 * @param name its name in the file
 * @param group what it belongs to: output, loss, grad, after or mask
 * @param error largest absolute difference; for masks the number of differing entries
 * @param tolerance what is allowed
 * @param relativeError error over the largest absolute reference value
 */
public record TensorCheck(
    String name, String group, double error, double tolerance, double relativeError) {
  /** Whether the error is allowed; NaN is not. */
  public boolean pass() {
    return error <= tolerance;
  }
}
