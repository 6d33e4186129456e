package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.kernel.LossKernels;

/** Losses in plain loops. */
final class ReferenceLoss implements LossKernels {
  @Override
  public void squaredError(SquaredError call) {
    long x = call.x().address();
    long target = call.target().address();
    long weight = call.weight().address();
    long loss = call.loss().address();
    int M = call.M();
    int C = call.C();
    double scale = call.scale();
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

  @Override
  public void squaredErrorBackward(SquaredErrorBackward call) {
    long dloss = call.dloss().address();
    long x = call.x().address();
    long target = call.target().address();
    long weight = call.weight().address();
    long dx = call.dx().address();
    int M = call.M();
    int C = call.C();
    double scale = call.scale();
    boolean accumulate = call.dx().accumulate();
    for (int m = 0; m < M; m++) {
      double factor = f32(dloss) * 2 * scale * (weight == 0 ? 1 : f32(weight + 4L * m));
      for (int c = 0; c < C; c++) {
        long at = 4 * ((long) m * C + c);
        double grad = factor * ((double) f32(x + at) - f32(target + at));
        f32(dx + at, (float) (accumulate ? f32(dx + at) + grad : grad));
      }
    }
  }

  @Override
  public void crossEntropy(SoftTargetCrossEntropy call) {
    long logits = call.logits().address();
    long target = call.target().address();
    long logProbability = call.logProbability().address();
    long loss = call.loss().address();
    int M = call.M();
    int C = call.C();
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

  @Override
  public void crossEntropyBackward(SoftTargetCrossEntropyBackward call) {
    long dloss = call.dloss().address();
    long logProbability = call.logProbability().address();
    long target = call.target().address();
    long dlogits = call.dlogits().address();
    int M = call.M();
    int C = call.C();
    boolean accumulate = call.dlogits().accumulate();
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
}
