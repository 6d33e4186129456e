package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Native.f32;

/** Losses in plain loops. */
final class ReferenceLoss {
  private ReferenceLoss() {}

  /** See {@link dev.tenzing.engine.kernel.Kernels#squaredError}. */
  static void squaredError(
      long x, long target, long weight, long loss, int M, int C, double scale) {
    double sum = 0;
    for (int m = 0; m < M; m++) {
      double squares = 0;
      for (int c = 0; c < C; c++) {
        long at = 4 * ((long) m * C + c);
        double difference = (double) f32(x + at) - f32(target + at);
        squares += difference * difference;
      }
      sum += weight == 0 ? squares : f32(weight + 4L * m) * squares;
    }
    f32(loss, (float) (scale * sum));
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#squaredErrorBackward}. */
  static void squaredErrorBackward(
      long dloss,
      long x,
      long target,
      long weight,
      long dx,
      int M,
      int C,
      double scale,
      boolean accumulate) {
    for (int m = 0; m < M; m++) {
      double factor = f32(dloss) * 2 * scale * (weight == 0 ? 1 : f32(weight + 4L * m));
      for (int c = 0; c < C; c++) {
        long at = 4 * ((long) m * C + c);
        double grad = factor * ((double) f32(x + at) - f32(target + at));
        f32(dx + at, (float) (accumulate ? f32(dx + at) + grad : grad));
      }
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#softTargetCrossEntropy}. */
  static void softTargetCrossEntropy(
      long logits, long target, long logProbability, long loss, int M, int C) {
    double sum = 0;
    for (int m = 0; m < M; m++) {
      long row = 4L * m * C;
      double lse = ReferenceNorm.logSumExp(logits + row, C);
      for (int c = 0; c < C; c++) {
        double log = f32(logits + row + 4L * c) - lse;
        f32(logProbability + row + 4L * c, (float) log);
        sum -= f32(target + row + 4L * c) * log;
      }
    }
    f32(loss, (float) (sum / M));
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#softTargetCrossEntropyBackward}. */
  static void softTargetCrossEntropyBackward(
      long dloss,
      long logProbability,
      long target,
      long dlogits,
      int M,
      int C,
      boolean accumulate) {
    for (int m = 0; m < M; m++) {
      long row = 4L * m * C;
      double total = 0;
      for (int c = 0; c < C; c++) {
        total += f32(target + row + 4L * c);
      }
      for (int c = 0; c < C; c++) {
        long at = row + 4L * c;
        double probability = ScalarMath.exp(f32(logProbability + at));
        double grad = f32(dloss) * (probability * total - f32(target + at)) / M;
        f32(dlogits + at, (float) (accumulate ? f32(dlogits + at) + grad : grad));
      }
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#klDivergence}. */
  static void klDivergence(
      long student, long teacher, long loss, int M, int C, float temperature, boolean reverse) {
    double sum = 0;
    for (int m = 0; m < M; m++) {
      double[] q = logSoftmax(student + 4L * m * C, C, temperature);
      double[] p = logSoftmax(teacher + 4L * m * C, C, temperature);
      sum += reverse ? divergence(q, p) : divergence(p, q);
    }
    f32(loss, (float) ((double) temperature * temperature * sum / M));
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#klDivergenceBackward}. */
  static void klDivergenceBackward(
      long dloss,
      long student,
      long teacher,
      long dstudent,
      int M,
      int C,
      float temperature,
      boolean reverse,
      boolean accumulate) {
    double factor = (double) f32(dloss) * temperature / M;
    for (int m = 0; m < M; m++) {
      double[] q = logSoftmax(student + 4L * m * C, C, temperature);
      double[] p = logSoftmax(teacher + 4L * m * C, C, temperature);
      double kl = divergence(q, p);
      for (int c = 0; c < C; c++) {
        double slope =
            reverse
                ? ScalarMath.exp(q[c]) * (q[c] - p[c] - kl)
                : ScalarMath.exp(q[c]) - ScalarMath.exp(p[c]);
        long at = dstudent + 4 * ((long) m * C + c);
        f32(at, (float) ((accumulate ? f32(at) : 0) + factor * slope));
      }
    }
  }

  private static double[] logSoftmax(long logits, int C, double temperature) {
    double[] logs = new double[C];
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < C; c++) {
      logs[c] = f32(logits + 4L * c) / temperature;
      max = Math.max(max, logs[c]);
    }
    double sum = 0;
    for (double log : logs) {
      sum += ScalarMath.exp(log - max);
    }
    for (int c = 0; c < C; c++) {
      logs[c] -= max + Math.log(sum);
    }
    return logs;
  }

  private static double divergence(double[] logP, double[] logQ) {
    double sum = 0;
    for (int c = 0; c < logP.length; c++) {
      sum += ScalarMath.exp(logP[c]) * (logP[c] - logQ[c]);
    }
    return sum;
  }
}
