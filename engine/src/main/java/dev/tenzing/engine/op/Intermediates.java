package dev.tenzing.engine.op;

import dev.tenzing.engine.Tensor;

/** Results of operations of which another is made. */
final class Intermediates {
  private Intermediates() {}

  /** Closes them unless a backward may need them; returns {@code y}. */
  static Tensor closed(Tensor y, Tensor... intermediates) {
    if (!y.isTracked()) {
      for (Tensor tensor : intermediates) {
        tensor.close();
      }
    }
    return y;
  }
}
