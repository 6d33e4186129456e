package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.Precision;
import dev.tenzing.engine.kernel.LinearKernels;
import dev.tenzing.engine.kernel.ReductionKernels.SumRows;

/** Linear layers in plain loops: row i of x with row j of w. */
final class ReferenceLinear implements LinearKernels {
  private final boolean bf16;

  /** In BF16 what is multiplied is rounded before. */
  ReferenceLinear(Precision precision) {
    bf16 = precision == Precision.BF16;
  }

  private float factor(long address) {
    return bf16 ? ScalarMath.bf16(f32(address)) : f32(address);
  }

  @Override
  public void forward(Linear call) {
    long x = call.x().address();
    long w = call.w().address();
    long bias = call.bias().address();
    long residual = call.residual().address();
    long y = call.y().address();
    int M = call.M();
    int N = call.N();
    int K = call.K();
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < N; j++) {
        long at = 4 * ((long) i * N + j);
        double sum = product(x, w, bias, i, j, K);
        f32(y + at, (float) (residual == 0 ? sum : sum + f32(residual + at)));
      }
    }
  }

  @Override
  public void gelu(LinearGelu call) {
    long x = call.x().address();
    long w = call.w().address();
    long bias = call.bias().address();
    long pre = call.pre().address();
    long y = call.y().address();
    int M = call.M();
    int N = call.N();
    int K = call.K();
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < N; j++) {
        long at = 4 * ((long) i * N + j);
        double sum = product(x, w, bias, i, j, K);
        if (pre != 0) {
          f32(pre + at, (float) sum);
        }
        // Of the rounded sum, which is what the backward sees.
        f32(y + at, (float) ScalarMath.gelu((float) sum));
      }
    }
  }

  private double product(long x, long w, long bias, int i, int j, int K) {
    double sum = bias == 0 ? 0 : f32(bias + 4L * j);
    for (int k = 0; k < K; k++) {
      sum += (double) factor(x + 4 * ((long) i * K + k)) * factor(w + 4 * ((long) j * K + k));
    }
    return sum;
  }

  @Override
  public void backwardInput(LinearBackwardInput call) {
    long dy = call.dy().address();
    long w = call.w().address();
    long dx = call.dx().address();
    int M = call.M();
    int N = call.N();
    int K = call.K();
    boolean accumulate = call.dx().accumulate();
    for (int i = 0; i < M; i++) {
      for (int k = 0; k < K; k++) {
        long at = dx + 4 * ((long) i * K + k);
        double sum = accumulate ? f32(at) : 0;
        for (int j = 0; j < N; j++) {
          sum += (double) factor(dy + 4 * ((long) i * N + j)) * factor(w + 4 * ((long) j * K + k));
        }
        f32(at, (float) sum);
      }
    }
  }

  @Override
  public void backwardWeight(LinearBackwardWeight call) {
    long dy = call.dy().address();
    long x = call.x().address();
    long dw = call.dw().address();
    long dbias = call.dbias().address();
    int M = call.M();
    int N = call.N();
    int K = call.K();
    boolean accumulate = call.dw().accumulate();
    for (int j = 0; j < N; j++) {
      for (int k = 0; k < K; k++) {
        long at = dw + 4 * ((long) j * K + k);
        double sum = accumulate ? f32(at) : 0;
        for (int i = 0; i < M; i++) {
          sum += (double) factor(dy + 4 * ((long) i * N + j)) * factor(x + 4 * ((long) i * K + k));
        }
        f32(at, (float) sum);
      }
    }
    if (dbias != 0) {
      new ReferenceReductions().sumRows(new SumRows(call.dy(), call.dbias(), M, N));
    }
  }

  @Override
  public void multiply(MatrixProduct call) {
    int M = call.M();
    int N = call.N();
    int K = call.K();
    for (long row = 0; row < (long) call.batch() * M; row++) {
      long matrix = row / M;
      long i = row % M;
      for (int j = 0; j < N; j++) {
        long at = call.y().address() + 4 * (row * N + j);
        double sum = call.y().accumulate() ? f32(at) : 0;
        for (int k = 0; k < K; k++) {
          long a = matrix * M * K + (call.transposeA() ? (long) k * M + i : i * K + k);
          long b = matrix * K * N + (call.transposeB() ? (long) j * K + k : (long) k * N + j);
          sum += (double) factor(call.a().address() + 4 * a) * factor(call.b().address() + 4 * b);
        }
        f32(at, (float) sum);
      }
    }
  }
}
