package dev.tenzing.engine;

/** The backward of one recorded operation. */
@FunctionalInterface
public interface Backward {
  /**
   * Adds the operation's share to the gradients of its inputs.
   *
   * @param gradients where the gradients of inputs are collected
   * @param dy gradient of the loss with respect to the operation's output, same shape as the output
   */
  void run(Gradients gradients, Tensor dy);
}
