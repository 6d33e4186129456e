package dev.tenzing.engine.cuda;

import static dev.tenzing.engine.DType.BF16;
import static dev.tenzing.engine.DType.F32;

import dev.tenzing.engine.DType;

/**
 * The linear layer's products, in F32, or in BF16 with F32 sums: then factors that are not BF16 yet
 * are rounded to it first. Weights are among them; to round one again for each product costs about
 * one part in the number of tokens.
 *
 * <p>GELU is a kernel of its own: cuBLASLt's epilogue computes the tanh form, and the models are
 * trained with the erf form.
 */
final class Linear {
  private final Matmul matmul;
  private final DType factors;
  private final Typed<Pointwise> pointwise;
  private final Typed<RowReductions> reductions;
  private final Scratch left;
  private final Scratch right;
  private final Scratch bias;

  /**
   * The products of a back end.
   *
   * @param factors the type that factors are rounded to
   */
  Linear(
      Launcher launcher,
      Matmul matmul,
      DType factors,
      Typed<Pointwise> pointwise,
      Typed<RowReductions> reductions) {
    this.matmul = matmul;
    this.factors = factors;
    this.pointwise = pointwise;
    this.reductions = reductions;
    left = new Scratch(launcher);
    right = new Scratch(launcher);
    bias = new Scratch(launcher);
  }

  void forward(
      long x,
      DType xType,
      long w,
      long b,
      long residual,
      long y,
      DType yType,
      int M,
      int N,
      int K) {
    long rounded = b == 0 || yType == F32 ? b : bf16(b, N, bias);
    product(x, xType, w, rounded, residual, y, yType, M, N, K);
  }

  void gelu(
      long x, DType xType, long w, long b, long pre, long y, DType yType, int M, int N, int K) {
    long product = pre == 0 ? y : pre;
    product(x, xType, w, 0, 0, product, yType, M, N, K);
    pointwise.of(yType).biasGelu(product, b, pre, y, M, N);
  }

  private void product(
      long x, DType xType, long w, long b, long c, long y, DType yType, int M, int N, int K) {
    long a = factor(x, xType, (long) M * K, left);
    long t = factor(w, F32, (long) N * K, right);
    matmul.multiply(factors, yType, a, false, t, true, b, c, y, M, N, K);
  }

  void backwardInput(
      long dy,
      DType dyType,
      long w,
      long dx,
      DType dxType,
      int M,
      int N,
      int K,
      boolean accumulate) {
    long a = factor(dy, dyType, (long) M * N, left);
    long b = factor(w, F32, (long) N * K, right);
    matmul.multiply(factors, dxType, a, false, b, false, 0, accumulate ? dx : 0, dx, M, K, N);
  }

  void backwardWeight(
      long dy,
      DType dyType,
      long x,
      DType xType,
      long dw,
      long db,
      int M,
      int N,
      int K,
      boolean accumulate) {
    long a = factor(dy, dyType, (long) M * N, left);
    long b = factor(x, xType, (long) M * K, right);
    matmul.multiply(factors, F32, a, true, b, false, 0, accumulate ? dw : 0, dw, N, K, M);
    if (db != 0) {
      reductions.of(dyType).sumRows(dy, db, M, N, accumulate);
    }
  }

  /** Elements in the type of factors. */
  private long factor(long x, DType type, long n, Scratch scratch) {
    return type == factors ? x : bf16(x, n, scratch);
  }

  private long bf16(long x, long n, Scratch scratch) {
    long rounded = scratch.of(n * BF16.bytes());
    pointwise.of(F32).toBf16(x, rounded, n);
    return rounded;
  }
}
