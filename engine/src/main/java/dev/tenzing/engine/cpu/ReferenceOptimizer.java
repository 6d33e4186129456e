package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Native.f32;

/** Gradient norm and AdamW in plain loops. */
final class ReferenceOptimizer {
  private ReferenceOptimizer() {}

  /** See {@link dev.tenzing.engine.kernel.Kernels#globalNorm}. */
  static void globalNorm(long[] arrays, long[] n, long norm) {
    double sum = 0;
    for (int i = 0; i < arrays.length; i++) {
      for (long j = 0; j < n[i]; j++) {
        double g = f32(arrays[i] + 4 * j);
        sum += g * g;
      }
    }
    f32(norm, (float) Math.sqrt(sum));
  }

  /** See {@link dev.tenzing.engine.kernel.Kernels#adamW}. */
  static void adamW(
      long[] p,
      long[] g,
      long[] m,
      long[] v,
      long[] n,
      double[] lr,
      double[] weightDecay,
      long[] step,
      double beta1,
      double beta2,
      double eps,
      long norm,
      double maxNorm) {
    double clip = maxNorm > 0 ? Math.min(1, maxNorm / (f32(norm) + 1e-6)) : 1;
    for (int i = 0; i < p.length; i++) {
      double correction1 = 1 - Math.pow(beta1, step[i]);
      double correction2 = 1 - Math.pow(beta2, step[i]);
      for (long at = 0; at < 4 * n[i]; at += 4) {
        double gradient = clip * f32(g[i] + at);
        double first = beta1 * f32(m[i] + at) + (1 - beta1) * gradient;
        double second = beta2 * f32(v[i] + at) + (1 - beta2) * gradient * gradient;
        double divisor = Math.sqrt(second) / Math.sqrt(correction2) + eps;
        double decayed = f32(p[i] + at) * (1 - lr[i] * weightDecay[i]);
        f32(m[i] + at, (float) first);
        f32(v[i] + at, (float) second);
        f32(p[i] + at, (float) (decayed - lr[i] / correction1 * first / divisor));
      }
    }
  }
}
