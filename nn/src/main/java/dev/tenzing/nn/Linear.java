package dev.tenzing.nn;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;

/**
 * {@code y = x W^T + b}.
 *
 * @param weight [out, in]
 * @param bias [out] or null
 */
public record Linear(Tensor weight, Tensor bias) {
  /** A linear layer; without a bias initialiser it has none. */
  public static Linear create(
      Parameters p, long in, long out, Initializer weight, Initializer bias) {
    return new Linear(
        p.add("weight", Shape.of(out, in), weight),
        bias == null ? null : p.add("bias", Shape.of(out), bias));
  }

  /** Applies the layer to [..., in]. */
  public Tensor forward(Tensor x) {
    return dev.tenzing.engine.op.Linear.apply(x, weight, bias);
  }

  /** Applies the layer and adds a residual [..., out] in the same pass. */
  public Tensor forward(Tensor x, Tensor residual) {
    return dev.tenzing.engine.op.Linear.apply(x, weight, bias, residual);
  }
}
