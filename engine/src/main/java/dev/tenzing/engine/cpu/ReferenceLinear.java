package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Native.f32;

/** Linear layers in plain loops: row i of x with row j of w. */
final class ReferenceLinear {
  private ReferenceLinear() {}

  /** See {@link dev.tenzing.engine.kernel.Kernels#linear}. */
  static void forward(long x, long w, long bias, long residual, long y, int M, int N, int K) {
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < N; j++) {
        long at = 4 * ((long) i * N + j);
        double sum = product(x, w, bias, i, j, K);
        f32(y + at, (float) (residual == 0 ? sum : sum + f32(residual + at)));
      }
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#linearGelu}. */
  static void gelu(long x, long w, long bias, long pre, long y, int M, int N, int K) {
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

  private static double product(long x, long w, long bias, int i, int j, int K) {
    double sum = bias == 0 ? 0 : f32(bias + 4L * j);
    for (int k = 0; k < K; k++) {
      sum += (double) f32(x + 4 * ((long) i * K + k)) * f32(w + 4 * ((long) j * K + k));
    }
    return sum;
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#linearBackwardInput}. */
  static void backwardInput(long dy, long w, long dx, int M, int N, int K, boolean accumulate) {
    for (int i = 0; i < M; i++) {
      for (int k = 0; k < K; k++) {
        long at = dx + 4 * ((long) i * K + k);
        double sum = accumulate ? f32(at) : 0;
        for (int j = 0; j < N; j++) {
          sum += (double) f32(dy + 4 * ((long) i * N + j)) * f32(w + 4 * ((long) j * K + k));
        }
        f32(at, (float) sum);
      }
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#linearBackwardWeight}. */
  static void backwardWeight(
      long dy, long x, long dw, long dbias, int M, int N, int K, boolean accumulate) {
    for (int j = 0; j < N; j++) {
      for (int k = 0; k < K; k++) {
        long at = dw + 4 * ((long) j * K + k);
        double sum = accumulate ? f32(at) : 0;
        for (int i = 0; i < M; i++) {
          sum += (double) f32(dy + 4 * ((long) i * N + j)) * f32(x + 4 * ((long) i * K + k));
        }
        f32(at, (float) sum);
      }
    }
    if (dbias != 0) {
      ReferencePointwise.sumRows(dy, dbias, M, N, accumulate);
    }
  }
}
