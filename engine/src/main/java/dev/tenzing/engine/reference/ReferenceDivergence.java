package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.kernel.DivergenceKernels;

/** Divergence of softened classes in plain loops. */
final class ReferenceDivergence implements DivergenceKernels {
  @Override
  public void forward(KlDivergence call) {
    long student = call.student().address();
    long teacher = call.teacher().address();
    long loss = call.loss().address();
    int M = call.M();
    int C = call.C();
    float temperature = call.temperature();
    boolean reverse = call.reverse();
    double sum = 0;
    for (int m = 0; m < M; m++) {
      double[] q = logSoftmax(student + 4L * m * C, C, temperature);
      double[] p = logSoftmax(teacher + 4L * m * C, C, temperature);
      sum += reverse ? divergence(q, p) : divergence(p, q);
    }
    f32(loss, (float) ((double) temperature * temperature * sum / M));
  }

  @Override
  public void backward(KlDivergenceBackward call) {
    long dloss = call.dloss().address();
    long student = call.student().address();
    long teacher = call.teacher().address();
    long dstudent = call.dstudent().address();
    int M = call.M();
    int C = call.C();
    float temperature = call.temperature();
    boolean reverse = call.reverse();
    boolean accumulate = call.dstudent().accumulate();
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
