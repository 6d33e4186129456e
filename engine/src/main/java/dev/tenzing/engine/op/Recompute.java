package dev.tenzing.engine.op;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import java.util.function.UnaryOperator;

/**
 * Trades compute for memory (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016): a
 * block is run without keeping its activations, and run again when its backward needs them.
 */
public final class Recompute {
  private Recompute() {}

  /**
   * Applies a block.
   *
   * @param block a pure function of x and of leaves; random draws in it must be keyed, as all of
   *     ours are
   * @param x a tracked tensor
   * @return the block's output
   */
  public static Tensor apply(UnaryOperator<Tensor> block, Tensor x) {
    Device device = x.device();
    if (!device.records(x)) {
      return block.apply(x);
    }
    Tensor y;
    try (Scope scope = device.scope()) {
      y = scope.escape(block.apply(x));
    }
    if (y == x) {
      return x;
    }
    device.record(
        "recompute",
        y,
        (gradients, dy) -> {
          Tensor dx;
          try (Step inner = device.step()) {
            Tensor again = x.detach().requiresGrad();
            inner.backward(block.apply(again), dy);
            dx = again.takeGrad();
          }
          gradients.pass(x, dx);
        },
        x);
    return y;
  }
}
