package dev.tenzing.nn;

import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.FeedForward;

/**
 * {@code fc2(gelu(fc1(x)))}.
 *
 * @param fc1 [hidden, C]
 * @param fc2 [C, hidden]
 */
public record Mlp(Linear fc1, Linear fc2) {
  /** An MLP of width C. */
  public static Mlp create(Parameters p, int c, int hidden, Initializer weights) {
    Linear fc1 = Linear.create(p.child("fc1"), c, hidden, weights, Initializer.ZEROS);
    return new Mlp(fc1, Linear.create(p.child("fc2"), hidden, c, weights, Initializer.ZEROS));
  }

  /** Applies the MLP to [..., C]; adds {@code residual} to the result unless it is null. */
  public Tensor forward(Tensor x, Tensor residual) {
    return FeedForward.apply(x, fc1.weight(), fc1.bias(), fc2.weight(), fc2.bias(), residual);
  }
}
