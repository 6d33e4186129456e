package dev.tenzing.nn;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Concat;

/**
 * Multi-head self-attention as the reference models define it: q and v have a bias, k has none, and
 * q is scaled by D^-0.5.
 *
 * @param qkv weight [3 C, C] without a bias of its own
 * @param qBias [C]
 * @param vBias [C]
 * @param proj output projection [C, C]
 * @param heads H
 */
public record Attention(Linear qkv, Tensor qBias, Tensor vBias, Linear proj, int heads) {
  /** Attention of width C with H heads. */
  public static Attention create(Parameters p, int c, int heads, Initializer weights) {
    if (heads < 1 || c % heads != 0) {
      throw new IllegalArgumentException(
          "a width of %d does not split into %d heads".formatted(c, heads));
    }
    Tensor qBias = p.add("q_bias", Shape.of(c), Initializer.ZEROS);
    Tensor vBias = p.add("v_bias", Shape.of(c), Initializer.ZEROS);
    Linear qkv = Linear.create(p.child("qkv"), c, 3L * c, weights, null);
    Linear proj = Linear.create(p.child("proj"), c, c, weights, Initializer.ZEROS);
    return new Attention(qkv, qBias, vBias, proj, heads);
  }

  /**
   * Attends within each sample of x [B, N, C]; adds {@code residual} [B, N, C] to the result unless
   * it is null.
   */
  public Tensor forward(Tensor x, Tensor residual) {
    Tensor noKeyBias = x.device().zeros(qBias.shape());
    Tensor bias = Concat.apply(0, qBias, noKeyBias, vBias);
    float scale = (float) Math.pow((double) qBias.size() / heads, -0.5);
    Tensor packed = dev.tenzing.engine.op.Linear.apply(x, qkv.weight(), bias);
    return proj.forward(dev.tenzing.engine.op.Attention.apply(packed, heads, scale), residual);
  }
}
