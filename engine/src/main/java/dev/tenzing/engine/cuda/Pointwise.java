package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;

/** Functions of single elements. Activations have one type, all else is F32. */
final class Pointwise {
  private static final int ACCESS = 16;

  private final int pack;
  private final KernelFunction geluBackward;
  private final KernelFunction biasResidual;
  private final KernelFunction biasGelu;
  private final KernelFunction add;
  private final KernelFunction scale;
  private final KernelFunction fill;
  private final KernelFunction toBf16;
  private final KernelFunction fromBf16;

  Pointwise(Launcher launcher, DType activations) {
    String file = "pointwise";
    String suffix = Packs.suffix(activations);
    pack = ACCESS / activations.bytes();
    geluBackward = launcher.function(file, "gelu_backward" + suffix);
    biasResidual = launcher.function(file, "bias_residual" + suffix);
    biasGelu = launcher.function(file, "bias_gelu" + suffix);
    add = launcher.function(file, "add" + suffix);
    scale = launcher.function(file, "scale_f32");
    fill = launcher.function(file, "fill_f32");
    toBf16 = launcher.function(file, "cast_f32_to_bf16");
    fromBf16 = launcher.function(file, "cast_bf16_to_f32");
  }

  void geluBackward(long x, long dy, long dx, long y, long n) {
    Packs.elements(geluBackward, n, pack).arg(x).arg(dy).arg(dx).arg(y).arg(n).launch();
  }

  /**
   * {@code y[M,C] = x + bias[C] + residual[M,C]} with F32 bias, residual and y; bias and residual
   * are optional. y may be the residual, and x where activations are F32.
   */
  void biasResidual(long x, long bias, long residual, long y, long M, int C) {
    Packs.rows(biasResidual, M, C).arg(x).arg(bias).arg(residual).arg(y).arg(M).arg(C).launch();
  }

  /**
   * {@code pre[M,C] = x + bias[C]; y = gelu(pre)} with F32 bias, and the erf form of GELU; bias and
   * pre are optional, pre and y may be x.
   */
  void biasGelu(long x, long bias, long pre, long y, long M, int C) {
    Packs.rows(biasGelu, M, C).arg(x).arg(bias).arg(pre).arg(y).arg(M).arg(C).launch();
  }

  void add(long a, long b, long y, long n) {
    Packs.elements(add, n, pack).arg(a).arg(b).arg(y).arg(n).launch();
  }

  void scale(long x, float alpha, long y, long n, boolean accumulate) {
    Packs.elements(scale, n, 4).arg(x).arg(alpha).arg(y).arg(n).arg(accumulate ? 1 : 0).launch();
  }

  void fill(long y, float value, long n) {
    Packs.elements(fill, n, 4).arg(y).arg(value).arg(n).launch();
  }

  /** n BF16 from n F32 elements, rounded to the nearest. */
  void toBf16(long x, long y, long n) {
    Packs.elements(toBf16, n, 8).arg(x).arg(y).arg(n).launch();
  }

  /** n F32 from n BF16 elements. */
  void fromBf16(long x, long y, long n) {
    Packs.elements(fromBf16, n, 8).arg(x).arg(y).arg(n).launch();
  }
}
