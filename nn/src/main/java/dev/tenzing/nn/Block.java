package dev.tenzing.nn;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Residual;
import java.util.function.UnaryOperator;

/**
 * A pre-norm transformer block: {@code x = x + gamma_1 attn(norm1(x)); x = x + gamma_2
 * mlp(norm2(x))}, each branch under dropout and stochastic depth.
 *
 * @param index place in the encoder or decoder, from 0
 * @param norm1 before attention
 * @param attn attention
 * @param norm2 before the MLP
 * @param mlp MLP
 * @param gamma1 layer scale [C] of attention, or null
 * @param gamma2 layer scale [C] of the MLP, or null
 * @param dropRate probability that a sample drops a branch in training
 * @param dropout probability that an element of a branch is dropped in training
 */
public record Block(
    int index,
    LayerNorm norm1,
    SelfAttention attn,
    LayerNorm norm2,
    Mlp mlp,
    Tensor gamma1,
    Tensor gamma2,
    float dropRate,
    double dropout) {
  /**
   * What the blocks of an encoder or decoder share.
   *
   * @param width C
   * @param heads H
   * @param mlpRatio hidden width over C; the product is truncated as the official code does
   * @param initValues initial layer scale; 0 = none
   * @param eps of the layer norms
   * @param attention variant of attention
   * @param dropout rate at the end of each branch ({@code drop_rate} of the official constructors)
   */
  public record Size(
      int width,
      int heads,
      double mlpRatio,
      double initValues,
      double eps,
      SelfAttention.Style attention,
      double dropout) {
    /** Standard attention, no dropout. */
    public Size(int width, int heads, double mlpRatio, double initValues, double eps) {
      this(width, heads, mlpRatio, initValues, eps, SelfAttention.Style.STANDARD, 0);
    }
  }

  /** Block {@code index} of a stack. */
  public static Block create(
      Parameters p, int index, Size size, float dropRate, Initializer weights) {
    int c = size.width();
    boolean scaled = size.initValues() > 0;
    Initializer gamma = Initializer.constant(size.initValues());
    Tensor gamma1 = scaled ? p.add("gamma_1", Shape.of(c), gamma) : null;
    Tensor gamma2 = scaled ? p.add("gamma_2", Shape.of(c), gamma) : null;
    return new Block(
        index,
        LayerNorm.create(p.child("norm1"), c, size.eps()),
        SelfAttention.create(p.child("attn"), c, size.heads(), size.attention(), weights),
        LayerNorm.create(p.child("norm2"), c, size.eps()),
        Mlp.create(p.child("mlp"), c, (int) (c * size.mlpRatio()), weights),
        gamma1,
        gamma2,
        dropRate,
        size.dropout());
  }

  /** Applies the block to x [B, N, C]. */
  public Tensor forward(Tensor x, Dropping dropping) {
    Tensor scale1 = dropScale(x, dropping, 0);
    Tensor scale2 = dropScale(x, dropping, 1);
    Tensor normed1 = norm1.forward(x);
    Tensor attended =
        add(x, residual -> attn.forward(normed1, residual), gamma1, scale1, dropping, "attn");
    normed1.forget();
    Tensor normed2 = norm2.forward(attended);
    Tensor y =
        add(attended, residual -> mlp.forward(normed2, residual), gamma2, scale2, dropping, "mlp");
    normed2.forget();
    return y;
  }

  /** x and a branch, which can add x itself when nothing comes between them. */
  private Tensor add(
      Tensor x,
      UnaryOperator<Tensor> branch,
      Tensor gamma,
      Tensor scale,
      Dropping dropping,
      String name) {
    if (gamma == null && scale == null && dropout == 0) {
      return branch.apply(x);
    }
    Tensor full = branch.apply(null);
    Tensor dropped = dropping.dropout(full, dropout, "blocks." + index + "." + name);
    if (dropped != full) {
      full.forget();
    }
    Tensor y = Residual.apply(x, dropped, gamma, scale);
    if (gamma == null) {
      dropped.forget();
    }
    return y;
  }

  private Tensor dropScale(Tensor x, Dropping dropping, int branch) {
    return dropRate == 0 || dropping == Dropping.NONE
        ? null
        : dropping.scale(x.device(), index, branch, (int) x.dim(0), dropRate);
  }
}
