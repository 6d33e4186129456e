package dev.tenzing.nn;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Attention;
import dev.tenzing.engine.op.Concat;
import dev.tenzing.engine.op.CosineAttention;

/**
 * Multi-head self-attention as the reference models define it: q and v have a bias, k has none, and
 * q is scaled by D^-0.5; or, in VideoMAE V2's cosine attention, q and k are divided by their norms
 * and each head learns its scale.
 *
 * @param scale logarithm of the cosine attention's factor [H, 1, 1], or null for plain attention
 * @param qkv weight [3 C, C] without a bias of its own
 * @param qBias [C] or null
 * @param vBias [C] or null
 * @param proj output projection [C, C]
 * @param heads H
 * @param factor of plain attention's logits
 */
public record SelfAttention(
    Tensor scale, Linear qkv, Tensor qBias, Tensor vBias, Linear proj, int heads, float factor) {
  /** What VideoMAE V2 limits the learned scale to: a factor of 100. */
  private static final float MAX_SCALE = 4.6052f;

  private static final double INITIAL_SCALE = Math.log(10);

  /**
   * Variants of attention.
   *
   * @param bias whether q and v have a bias ({@code qkv_bias} of the official constructors)
   * @param cosine whether attention goes by cosine similarity ({@code cos_attn})
   * @param factor of plain attention's logits instead of D^-0.5 ({@code qk_scale}); 0 = D^-0.5
   */
  public record Style(boolean bias, boolean cosine, double factor) {
    /** Biases, scaled dot products. */
    public static final Style STANDARD = new Style(true, false, 0);

    /** Rejects a factor that cosine attention does not have. */
    public Style {
      if (!Double.isFinite(factor) || cosine && factor != 0) {
        throw new IllegalArgumentException(
            cosine
                ? "cosine attention learns its scale, so a qk_scale of %s has no place"
                    .formatted(factor)
                : "the factor of attention's logits must be a number, got " + factor);
      }
    }
  }

  /** Attention of width C with H heads. */
  public static SelfAttention create(
      Parameters p, int c, int heads, Style style, Initializer weights) {
    if (heads < 1 || c % heads != 0) {
      throw new IllegalArgumentException(
          "a width of %s does not split into %s heads".formatted(c, heads));
    }
    Tensor scale =
        style.cosine()
            ? p.add("scale", Shape.of(heads, 1, 1), Initializer.constant(INITIAL_SCALE))
            : null;
    Tensor qBias = style.bias() ? p.add("q_bias", Shape.of(c), Initializer.ZEROS) : null;
    Tensor vBias = style.bias() ? p.add("v_bias", Shape.of(c), Initializer.ZEROS) : null;
    Linear qkv = Linear.create(p.child("qkv"), c, 3L * c, weights, null);
    Linear proj = Linear.create(p.child("proj"), c, c, weights, Initializer.ZEROS);
    double factor = style.factor() == 0 ? Math.pow((double) c / heads, -0.5) : style.factor();
    return new SelfAttention(scale, qkv, qBias, vBias, proj, heads, (float) factor);
  }

  /**
   * Attends within each sample of x [B, N, C]; adds {@code residual} [B, N, C] to the result unless
   * it is null.
   */
  public Tensor forward(Tensor x, Tensor residual) {
    Tensor packed = dev.tenzing.engine.op.Linear.activation(x, qkv.weight(), bias());
    Tensor mixed =
        scale == null
            ? Attention.apply(packed, heads, factor)
            : CosineAttention.apply(packed, scale.reshape(heads).named(scale.name()), MAX_SCALE);
    return proj.forward(mixed, residual);
  }

  private Tensor bias() {
    return qBias == null
        ? null
        : Concat.apply(0, qBias, qBias.device().zeros(qBias.shape()), vBias);
  }
}
