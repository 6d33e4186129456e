package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Native.f32;

/** Layer norm and softmax of each row in plain loops. */
final class ReferenceNorm {
  private ReferenceNorm() {}

  /** See {@link dev.tenzing.engine.kernel.Kernels#layerNorm}. */
  static void layerNorm(
      long x, long w, long b, long y, long mean, long rstd, int M, int C, float eps) {
    for (int m = 0; m < M; m++) {
      long row = 4L * m * C;
      double sum = 0;
      for (int c = 0; c < C; c++) {
        sum += f32(x + row + 4L * c);
      }
      double mu = sum / C;
      double squares = 0;
      for (int c = 0; c < C; c++) {
        double centred = f32(x + row + 4L * c) - mu;
        squares += centred * centred;
      }
      double scale = 1 / Math.sqrt(squares / C + eps);
      for (int c = 0; c < C; c++) {
        double normal = (f32(x + row + 4L * c) - mu) * scale;
        f32(y + row + 4L * c, (float) (normal * f32(w + 4L * c) + f32(b + 4L * c)));
      }
      f32(mean + 4L * m, (float) mu);
      f32(rstd + 4L * m, (float) scale);
    }
  }

  /**
   * See {@link dev.tenzing.engine.kernel.Kernels#layerNormBackward}. With n = (x - mean) rstd and g
   * = dy w: dx = rstd (g - mean(g) - n mean(g n)), dw = sum of dy n, db = sum of dy.
   */
  static void layerNormBackward(
      long dy,
      long x,
      long w,
      long mean,
      long rstd,
      long dx,
      long dw,
      long db,
      int M,
      int C,
      boolean accumulateX,
      boolean accumulateW) {
    double[] sumW = new double[C];
    double[] sumB = new double[C];
    for (int m = 0; m < M; m++) {
      long row = 4L * m * C;
      double mu = f32(mean + 4L * m);
      double scale = f32(rstd + 4L * m);
      double meanG = 0;
      double meanGn = 0;
      for (int c = 0; c < C; c++) {
        double d = f32(dy + row + 4L * c);
        double normal = (f32(x + row + 4L * c) - mu) * scale;
        sumW[c] += d * normal;
        sumB[c] += d;
        meanG += d * f32(w + 4L * c) / C;
        meanGn += d * f32(w + 4L * c) * normal / C;
      }
      for (int c = 0; c < C; c++) {
        long at = row + 4L * c;
        double normal = (f32(x + at) - mu) * scale;
        double g = (double) f32(dy + at) * f32(w + 4L * c);
        double grad = scale * (g - meanG - normal * meanGn);
        f32(dx + at, (float) (accumulateX ? f32(dx + at) + grad : grad));
      }
    }
    for (int c = 0; c < C; c++) {
      long at = 4L * c;
      f32(dw + at, (float) (accumulateW ? f32(dw + at) + sumW[c] : sumW[c]));
      f32(db + at, (float) (accumulateW ? f32(db + at) + sumB[c] : sumB[c]));
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#softmax}. */
  static void softmax(long x, long y, int M, int C) {
    for (int m = 0; m < M; m++) {
      long row = 4L * m * C;
      double lse = logSumExp(x + row, C);
      for (int c = 0; c < C; c++) {
        f32(y + row + 4L * c, (float) ScalarMath.exp(f32(x + row + 4L * c) - lse));
      }
    }
  }

  /** {@code ln sum e^x} of n elements, without overflow. */
  static double logSumExp(long x, int n) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      max = Math.max(max, f32(x + 4L * i));
    }
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += ScalarMath.exp(f32(x + 4L * i) - max);
    }
    return max + Math.log(sum);
  }
}
