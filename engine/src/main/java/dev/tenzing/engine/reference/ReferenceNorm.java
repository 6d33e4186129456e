package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.kernel.LayerNormKernels;
import dev.tenzing.engine.kernel.SoftmaxKernels;

/** Layer norm and softmax of each row in plain loops. */
final class ReferenceNorm implements LayerNormKernels, SoftmaxKernels {
  @Override
  public void forward(LayerNorm call) {
    long x = call.x().address();
    long w = call.w().address();
    long b = call.b().address();
    long y = call.y().address();
    long mean = call.mean().address();
    long rstd = call.rstd().address();
    int M = call.M();
    int C = call.C();
    float eps = call.eps();
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
   * With n = (x - mean) rstd and g = dy w: dx = rstd (g - mean(g) - n mean(g n)), dw = sum of dy n,
   * db = sum of dy.
   */
  @Override
  public void backward(LayerNormBackward call) {
    long dy = call.dy().address();
    long x = call.x().address();
    long w = call.w().address();
    long mean = call.mean().address();
    long rstd = call.rstd().address();
    long dx = call.dx().address();
    long dw = call.dw().address();
    long db = call.db().address();
    int M = call.M();
    int C = call.C();
    boolean accumulateX = call.dx().accumulate();
    boolean accumulateW = call.dw().accumulate();
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

  @Override
  public void forward(Softmax call) {
    long x = call.x().address();
    long y = call.y().address();
    int M = call.M();
    int C = call.C();
    for (int m = 0; m < M; m++) {
      long row = 4L * m * C;
      double lse = logSumExp(x + row, C);
      for (int c = 0; c < C; c++) {
        f32(y + row + 4L * c, (float) ScalarMath.exp(f32(x + row + 4L * c) - lse));
      }
    }
  }

  @Override
  public void backward(SoftmaxBackward call) {
    int C = call.C();
    for (long row = 0; row < 4L * call.M() * C; row += 4L * C) {
      long y = call.y().address() + row;
      long dy = call.dy().address() + row;
      double sum = 0;
      for (int c = 0; c < C; c++) {
        sum += (double) f32(dy + 4L * c) * f32(y + 4L * c);
      }
      for (int c = 0; c < C; c++) {
        long at = call.dx().address() + row + 4L * c;
        double grad = f32(y + 4L * c) * (f32(dy + 4L * c) - sum);
        f32(at, (float) (call.dx().accumulate() ? f32(at) + grad : grad));
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
