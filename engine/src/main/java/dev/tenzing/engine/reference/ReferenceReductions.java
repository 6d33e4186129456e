package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;

import dev.tenzing.engine.kernel.ReductionKernels;

/** Sums and means of rows in plain loops. */
final class ReferenceReductions implements ReductionKernels {
  @Override
  public void sumRows(SumRows call) {
    long x = call.x().address();
    long y = call.y().address();
    int M = call.M();
    int C = call.C();
    boolean accumulate = call.y().accumulate();
    for (int c = 0; c < C; c++) {
      double sum = accumulate ? f32(y + 4L * c) : 0;
      for (int m = 0; m < M; m++) {
        sum += f32(x + 4 * ((long) m * C + c));
      }
      f32(y + 4L * c, (float) sum);
    }
  }

  @Override
  public void meanTokens(MeanTokens call) {
    long x = call.x().address();
    long y = call.y().address();
    int B = call.B();
    int N = call.N();
    int C = call.C();
    for (int b = 0; b < B; b++) {
      for (int c = 0; c < C; c++) {
        double sum = 0;
        for (int n = 0; n < N; n++) {
          sum += f32(x + 4 * (((long) b * N + n) * C + c));
        }
        f32(y + 4 * ((long) b * C + c), (float) (sum / N));
      }
    }
  }

  @Override
  public void meanTokensBackward(MeanTokensBackward call) {
    long dy = call.dy().address();
    long dx = call.dx().address();
    int B = call.B();
    int N = call.N();
    int C = call.C();
    boolean accumulate = call.dx().accumulate();
    for (int b = 0; b < B; b++) {
      for (int n = 0; n < N; n++) {
        for (int c = 0; c < C; c++) {
          long at = dx + 4 * (((long) b * N + n) * C + c);
          double share = (double) f32(dy + 4 * ((long) b * C + c)) / N;
          f32(at, (float) (accumulate ? f32(at) + share : share));
        }
      }
    }
  }
}
