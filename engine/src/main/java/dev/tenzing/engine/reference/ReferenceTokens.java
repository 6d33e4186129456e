package dev.tenzing.engine.reference;

import static dev.tenzing.engine.host.Native.f32;
import static dev.tenzing.engine.host.Native.i32;

import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.TokenKernels;

/** Moving rows of tokens in plain loops. */
final class ReferenceTokens implements TokenKernels {
  @Override
  public long firstOutOfRange(FirstOutOfRange call) {
    return Native.firstOutOfRange(call.index().address(), call.count(), call.limit());
  }

  @Override
  public void gather(GatherTokens call) {
    long x = call.x().address();
    long index = call.index().address();
    long y = call.y().address();
    int B = call.B();
    int N = call.N();
    int M = call.M();
    int C = call.C();
    for (int b = 0; b < B; b++) {
      for (int m = 0; m < M; m++) {
        int n = i32(index + 4 * ((long) b * M + m));
        long from = x + 4 * ((long) b * N + n) * C;
        Native.copy(from, y + 4 * ((long) b * M + m) * C, 4L * C);
      }
    }
  }

  @Override
  public void gatherBackward(GatherTokensBackward call) {
    long dy = call.dy().address();
    long index = call.index().address();
    long dx = call.dx().address();
    int B = call.B();
    int N = call.N();
    int M = call.M();
    int C = call.C();
    boolean accumulate = call.dx().accumulate();
    for (int b = 0; b < B; b++) {
      double[] sum = new double[N * C];
      for (int m = 0; m < M; m++) {
        int n = i32(index + 4 * ((long) b * M + m));
        for (int c = 0; c < C; c++) {
          sum[n * C + c] += f32(dy + 4 * (((long) b * M + m) * C + c));
        }
      }
      for (int i = 0; i < N * C; i++) {
        long at = dx + 4 * ((long) b * N * C + i);
        f32(at, (float) (accumulate ? f32(at) + sum[i] : sum[i]));
      }
    }
  }

  @Override
  public void addRows(AddRows call) {
    long x = call.x().address();
    int xStride = call.xStride();
    long table = call.table().address();
    long index = call.index().address();
    long y = call.y().address();
    int B = call.B();
    int M = call.M();
    int C = call.C();
    for (long r = 0; r < (long) B * M; r++) {
      long place = index == 0 ? r % M : i32(index + 4 * r);
      for (int c = 0; c < C; c++) {
        float sum = f32(x + 4 * (r * xStride + c)) + f32(table + 4 * (place * C + c));
        f32(y + 4 * (r * C + c), sum);
      }
    }
  }

  @Override
  public void copyRows(CopyRows call) {
    long source = call.source();
    long sourceStride = call.sourceStride();
    long target = call.target();
    long targetStride = call.targetStride();
    long rows = call.rows();
    long rowBytes = call.rowBytes();
    for (long r = 0; r < rows; r++) {
      Native.copy(source + r * sourceStride, target + r * targetStride, rowBytes);
    }
  }
}
