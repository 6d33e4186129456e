package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.Rng;
import dev.tenzing.engine.kernel.DropoutKernels;
import dev.tenzing.engine.kernel.ResidualKernels;

/** Residual branches and dropout in plain loops. */
final class ReferenceResidual implements DropoutKernels, ResidualKernels {
  @Override
  public void forward(Residual call) {
    long x = call.x().address();
    long branch = call.branch().address();
    long gamma = call.gamma().address();
    long sampleScale = call.sampleScale().address();
    long y = call.y().address();
    int B = call.B();
    int N = call.N();
    int C = call.C();
    for (int b = 0; b < B; b++) {
      double scale = sampleScale == 0 ? 1 : f32(sampleScale + 4L * b);
      for (int n = 0; n < N; n++) {
        for (int c = 0; c < C; c++) {
          long at = 4 * (((long) b * N + n) * C + c);
          double factor = gamma == 0 ? scale : scale * f32(gamma + 4L * c);
          f32(y + at, (float) (f32(x + at) + factor * f32(branch + at)));
        }
      }
    }
  }

  @Override
  public void backward(ResidualBackward call) {
    long dy = call.dy().address();
    long branch = call.branch().address();
    long gamma = call.gamma().address();
    long sampleScale = call.sampleScale().address();
    long dbranch = call.dbranch().address();
    long dgamma = call.dgamma().address();
    int B = call.B();
    int N = call.N();
    int C = call.C();
    boolean accumulateGamma = call.dgamma().accumulate();
    for (int c = 0; c < C; c++) {
      double sum = dgamma != 0 && accumulateGamma ? f32(dgamma + 4L * c) : 0;
      for (int b = 0; b < B; b++) {
        double scale = sampleScale == 0 ? 1 : f32(sampleScale + 4L * b);
        double factor = gamma == 0 ? scale : scale * f32(gamma + 4L * c);
        for (int n = 0; n < N; n++) {
          long at = 4 * (((long) b * N + n) * C + c);
          if (dgamma != 0) {
            sum += scale * f32(dy + at) * f32(branch + at);
          }
          f32(dbranch + at, (float) (factor * f32(dy + at)));
        }
      }
      if (dgamma != 0) {
        f32(dgamma + 4L * c, (float) sum);
      }
    }
  }

  @Override
  public void forward(Dropout call) {
    long x = call.x().address();
    long y = call.y().address();
    int B = call.B();
    int n = call.n();
    float rate = call.rate();
    long key = call.key();
    long step = call.step();
    int first = call.first();
    for (int b = 0; b < B; b++) {
      Rng.Stream draws = Rng.ofKey(key).at(step, first + b);
      for (long at = 4L * b * n; at < 4L * (b + 1) * n; at += 4) {
        f32(y + at, draws.nextFloat() < rate ? 0 : (float) (f32(x + at) / (1 - (double) rate)));
      }
    }
  }
}
