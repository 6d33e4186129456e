package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Native.f32;

import dev.tenzing.engine.Precision;

/** Linear layers in plain loops: row i of x with row j of w. */
final class ReferenceLinear {
  private final boolean bf16;

  /** In BF16 what is multiplied is rounded before. */
  ReferenceLinear(Precision precision) {
    bf16 = precision == Precision.BF16;
  }

  private float factor(long address) {
    return bf16 ? ScalarMath.bf16(f32(address)) : f32(address);
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#linear}. */
  void forward(long x, long w, long bias, long residual, long y, int M, int N, int K) {
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < N; j++) {
        long at = 4 * ((long) i * N + j);
        double sum = product(x, w, bias, i, j, K);
        f32(y + at, (float) (residual == 0 ? sum : sum + f32(residual + at)));
      }
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#linearGelu}. */
  void gelu(long x, long w, long bias, long pre, long y, int M, int N, int K) {
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

  /** See {@link dev.tenzing.engine.kernel.Kernels#linearBackwardInput}. */
  void backwardInput(long dy, long w, long dx, int M, int N, int K, boolean accumulate) {
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

  /** See {@link dev.tenzing.engine.kernel.Kernels#linearBackwardWeight}. */
  void backwardWeight(
      long dy, long x, long dw, long dbias, int M, int N, int K, boolean accumulate) {
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
      ReferencePointwise.sumRows(dy, dbias, M, N, accumulate);
    }
  }
}
