package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Native.f32;

import dev.tenzing.engine.Rng;
import java.lang.foreign.MemorySegment;

/** Operations on each element, and sums of rows, in plain loops. */
final class ReferencePointwise {
  private ReferencePointwise() {}

  /** See {@link dev.tenzing.engine.kernel.Kernels#geluBackward}. */
  static void geluBackward(long x, long dy, long dx, long y, long n) {
    for (long at = 0; at < 4 * n; at += 4) {
      float v = f32(x + at);
      f32(dx + at, (float) (f32(dy + at) * ScalarMath.geluDerivative(v)));
      f32(y + at, (float) ScalarMath.gelu(v));
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#add}. */
  static void add(long a, long b, long y, long n) {
    for (long at = 0; at < 4 * n; at += 4) {
      f32(y + at, f32(a + at) + f32(b + at));
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#scale}. */
  static void scale(long x, float alpha, long y, long n, boolean accumulate) {
    for (long at = 0; at < 4 * n; at += 4) {
      double scaled = (double) alpha * f32(x + at);
      f32(y + at, (float) (accumulate ? f32(y + at) + scaled : scaled));
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#fill}. */
  static void fill(long y, float value, long n) {
    for (long at = 0; at < 4 * n; at += 4) {
      f32(y + at, value);
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#copy}. */
  static void copy(long source, long target, long bytes) {
    MemorySegment.copy(Native.ALL, source, Native.ALL, target, bytes);
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#copyRows}. */
  static void copyRows(
      long source, long sourceStride, long target, long targetStride, long rows, long rowBytes) {
    for (long r = 0; r < rows; r++) {
      copy(source + r * sourceStride, target + r * targetStride, rowBytes);
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#residual}. */
  static void residual(
      long x, long branch, long gamma, long sampleScale, long y, int B, int N, int C) {
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

  /** See {@link dev.tenzing.engine.kernel.Kernels#residualBackward}. */
  static void residualBackward(
      long dy,
      long branch,
      long gamma,
      long sampleScale,
      long dbranch,
      long dgamma,
      int B,
      int N,
      int C,
      boolean accumulateGamma) {
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

  /** See {@link dev.tenzing.engine.kernel.Kernels#dropout}. */
  static void dropout(long x, long y, int B, int n, float rate, long key, long step, int first) {
    for (int b = 0; b < B; b++) {
      Rng.Stream draws = Rng.ofKey(key).at(step, first + b);
      for (long at = 4L * b * n; at < 4L * (b + 1) * n; at += 4) {
        f32(y + at, draws.nextFloat() < rate ? 0 : (float) (f32(x + at) / (1 - (double) rate)));
      }
    }
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#sumRows}. */
  static void sumRows(long x, long y, int M, int C, boolean accumulate) {
    for (int c = 0; c < C; c++) {
      double sum = accumulate ? f32(y + 4L * c) : 0;
      for (int m = 0; m < M; m++) {
        sum += f32(x + 4 * ((long) m * C + c));
      }
      f32(y + 4L * c, (float) sum);
    }
  }
}
