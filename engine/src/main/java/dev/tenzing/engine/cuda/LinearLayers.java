package dev.tenzing.engine.cuda;

import static dev.tenzing.engine.DType.BF16;
import static dev.tenzing.engine.DType.F32;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.kernel.LinearKernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.ReductionKernels.SumRows;

/**
 * The linear layer's products, in F32, or in BF16 with F32 sums: then factors that are not BF16 yet
 * are rounded to it first. Weights are among them; to round one again for each product costs about
 * one part in the number of tokens.
 *
 * <p>GELU is a kernel of its own: cuBLASLt's epilogue computes the tanh form, and the models are
 * trained with the erf form.
 */
final class LinearLayers implements LinearKernels {
  private final Matmul matmul;
  private final DType factors;
  private final Pointwise pointwise;
  private final RowReductions reductions;
  private final Scratch left;
  private final Scratch right;
  private final Scratch bias;

  /**
   * The products of a back end.
   *
   * @param factors the type that factors are rounded to
   */
  LinearLayers(
      Launcher launcher,
      Matmul matmul,
      DType factors,
      Pointwise pointwise,
      RowReductions reductions) {
    this.matmul = matmul;
    this.factors = factors;
    this.pointwise = pointwise;
    this.reductions = reductions;
    left = new Scratch(launcher);
    right = new Scratch(launcher);
    bias = new Scratch(launcher);
  }

  @Override
  public void forward(Linear call) {
    Operand b = call.bias();
    boolean wide = !b.present() || call.y().type() == F32;
    long added = wide ? b.address() : bf16(b, call.N(), bias);
    long residual = call.residual().address();
    product(call.x(), call.w(), added, residual, call.y(), call.M(), call.N(), call.K());
  }

  @Override
  public void gelu(LinearGelu call) {
    Operand sum = call.pre().present() ? call.pre() : call.y();
    product(call.x(), call.w(), 0, 0, sum, call.M(), call.N(), call.K());
    pointwise.biasGelu(sum, call.bias(), call.pre(), call.y(), call.M(), call.N());
  }

  private void product(Operand x, Operand w, long b, long c, Operand y, int M, int N, int K) {
    long a = factor(x, (long) M * K, left);
    long t = factor(w, (long) N * K, right);
    matmul.multiply(factors, y.type(), a, false, t, true, b, c, y.address(), M, N, K);
  }

  @Override
  public void backwardInput(LinearBackwardInput call) {
    int M = call.M();
    int N = call.N();
    int K = call.K();
    Operand dx = call.dx();
    long a = factor(call.dy(), (long) M * N, left);
    long b = factor(call.w(), (long) N * K, right);
    long sum = dx.accumulate() ? dx.address() : 0;
    matmul.multiply(factors, dx.type(), a, false, b, false, 0, sum, dx.address(), M, K, N);
  }

  @Override
  public void backwardWeight(LinearBackwardWeight call) {
    int M = call.M();
    int N = call.N();
    int K = call.K();
    Operand dw = call.dw();
    long a = factor(call.dy(), (long) M * N, left);
    long b = factor(call.x(), (long) M * K, right);
    long sum = dw.accumulate() ? dw.address() : 0;
    matmul.multiply(factors, F32, a, true, b, false, 0, sum, dw.address(), N, K, M);
    if (call.dbias().present()) {
      reductions.sumRows(new SumRows(call.dy(), call.dbias(), M, N));
    }
  }

  @Override
  public void multiply(MatrixProduct call) {
    int M = call.M();
    int N = call.N();
    int K = call.K();
    Operand y = call.y();
    long a = factor(call.a(), (long) call.batch() * M * K, left);
    long b = factor(call.b(), (long) call.batch() * K * N, right);
    for (long i = 0; i < call.batch(); i++) {
      long to = y.address() + i * M * N * F32.bytes();
      matmul.multiply(
          factors,
          F32,
          a + i * M * K * factors.bytes(),
          call.transposeA(),
          b + i * K * N * factors.bytes(),
          call.transposeB(),
          0,
          y.accumulate() ? to : 0,
          to,
          M,
          N,
          K);
    }
  }

  /** Elements in the type of factors. */
  private long factor(Operand x, long n, Scratch scratch) {
    return x.type() == factors ? x.address() : bf16(x, n, scratch);
  }

  private long bf16(Operand x, long n, Scratch scratch) {
    long rounded = scratch.of(n * BF16.bytes());
    pointwise.toBf16(x.address(), rounded, n);
    return rounded;
  }
}
