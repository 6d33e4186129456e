package dev.tenzing.nn;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;

/**
 * Layer normalisation over the last dimension.
 *
 * @param weight [C]
 * @param bias [C]
 * @param eps added to the variance
 */
public record LayerNorm(Tensor weight, Tensor bias, float eps) {
  /** A layer norm of width C. */
  public static LayerNorm create(Parameters p, long c, double eps) {
    Tensor weight = p.add("weight", Shape.of(c), Initializer.ONES);
    return new LayerNorm(weight, p.add("bias", Shape.of(c), Initializer.ZEROS), (float) eps);
  }

  /** Normalises [..., C]. */
  public Tensor forward(Tensor x) {
    return dev.tenzing.engine.op.LayerNorm.apply(x, weight, bias, eps);
  }
}
