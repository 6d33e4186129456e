package dev.tenzing.engine.conformance;

/** Formulas in double precision that several cases use. */
final class Formulas {
  private Formulas() {}

  /** {@code x[M,K] w[N,K]^T + bias[N]}; bias may be null. */
  static double[] linear(double[] x, double[] w, double[] bias, int M, int N, int K) {
    double[] y = new double[M * N];
    for (int m = 0; m < M; m++) {
      for (int n = 0; n < N; n++) {
        double sum = bias == null ? 0 : bias[n];
        for (int k = 0; k < K; k++) {
          sum += x[m * K + k] * w[n * K + k];
        }
        y[m * N + n] = sum;
      }
    }
    return y;
  }

  /** {@code (x - mean) / sqrt(variance + eps) w + b} for each of M rows of C. */
  static double[] layerNorm(double[] x, double[] w, double[] b, int M, int C, double eps) {
    double[] y = new double[M * C];
    for (int m = 0; m < M; m++) {
      double mean = 0;
      for (int c = 0; c < C; c++) {
        mean += x[m * C + c] / C;
      }
      double variance = 0;
      for (int c = 0; c < C; c++) {
        variance += Math.pow(x[m * C + c] - mean, 2) / C;
      }
      for (int c = 0; c < C; c++) {
        y[m * C + c] = (x[m * C + c] - mean) / Math.sqrt(variance + eps) * w[c] + b[c];
      }
    }
    return y;
  }

  /** Logarithms of the softmax of each of M rows of C. */
  static double[] logSoftmax(double[] x, int M, int C) {
    double[] y = new double[M * C];
    for (int m = 0; m < M; m++) {
      double sum = 0;
      for (int c = 0; c < C; c++) {
        sum += Math.exp(x[m * C + c]);
      }
      for (int c = 0; c < C; c++) {
        y[m * C + c] = x[m * C + c] - Math.log(sum);
      }
    }
    return y;
  }

  /** {@code x Phi(x)} of each element. */
  static double[] gelu(double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i] * 0.5 * (1 + erf(x[i] / Math.sqrt(2)));
    }
    return y;
  }

  /** The error function by its Maclaurin series, and from 3 on by Simpson's rule on the tail. */
  private static double erf(double x) {
    if (x < 0) {
      return -erf(-x);
    }
    if (x < 3) {
      double power = x;
      double sum = 0;
      for (int n = 0; Math.abs(power) > 1e-17; n++) {
        sum += power / (2 * n + 1);
        power *= -x * x / (n + 1);
      }
      return 2 / Math.sqrt(Math.PI) * sum;
    }
    int steps = 400;
    double width = 4.0 / steps;
    double integral = 0;
    for (int i = 0; i <= steps; i++) {
      int factor = i == 0 || i == steps ? 1 : i % 2 == 0 ? 2 : 4;
      integral += factor * Math.exp(-Math.pow(x + i * width, 2));
    }
    return 1 - 2 / Math.sqrt(Math.PI) * integral * width / 3;
  }
}
