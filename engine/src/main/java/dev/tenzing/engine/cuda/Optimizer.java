package dev.tenzing.engine.cuda;

/** Global gradient norm and AdamW over all arrays of a model, each in one launch. */
final class Optimizer {
  private static final int CHUNK = 8192; // elements of a block, as in optimizer.cu
  private static final int THREADS = 256;
  private static final int TOTAL_THREADS = 1024;

  private final Launcher launcher;
  private final KernelFunction sumSquares;
  private final KernelFunction totalNorm;
  private final KernelFunction adamW;

  Optimizer(Launcher launcher) {
    this.launcher = launcher;
    sumSquares = launcher.function("optimizer", "sum_squares");
    totalNorm = launcher.function("optimizer", "total_norm");
    adamW = launcher.function("optimizer", "adam_w");
  }

  void globalNorm(long[] arrays, long[] n, long norm) {
    long[] table = new long[3 * n.length]; // Summand of optimizer.cu
    long chunks = 0;
    for (int i = 0; i < n.length; i++) {
      chunks += Math.ceilDiv(n[i], CHUNK);
      table[3 * i] = arrays[i];
      table[3 * i + 1] = n[i];
      table[3 * i + 2] = chunks;
    }
    long partials = launcher.scratch(Double.BYTES * chunks);
    sumSquares
        .grid(chunks)
        .block(THREADS)
        .arg(launcher.upload(table))
        .arg(n.length)
        .arg(partials)
        .launch();
    totalNorm.grid(1).block(TOTAL_THREADS).arg(partials).arg(chunks).arg(norm).launch();
  }

  void adamW(
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
    long[] table = new long[8 * n.length]; // Parameter of optimizer.cu
    long chunks = 0;
    double correction1 = 0;
    double correction2 = 0;
    for (int i = 0; i < n.length; i++) {
      chunks += Math.ceilDiv(n[i], CHUNK);
      if (i == 0 || step[i] != step[i - 1]) { // Most arrays are of the same age.
        correction1 = 1 - Math.pow(beta1, step[i]);
        correction2 = 1 - Math.pow(beta2, step[i]);
      }
      int at = 8 * i;
      table[at] = p[i];
      table[at + 1] = g[i];
      table[at + 2] = m[i];
      table[at + 3] = v[i];
      table[at + 4] = n[i];
      table[at + 5] = chunks;
      table[at + 6] = pair(lr[i] * weightDecay[i], lr[i] / correction1);
      table[at + 7] = pair(1 / Math.sqrt(correction2), 0);
    }
    adamW
        .grid(chunks)
        .block(THREADS)
        .arg(launcher.upload(table))
        .arg(n.length)
        .arg((float) beta1)
        .arg((float) (1 - beta1))
        .arg((float) beta2)
        .arg((float) (1 - beta2))
        .arg((float) eps)
        .arg(norm)
        .arg(maxNorm)
        .launch();
  }

  /** Two floats in the order that a little-endian device reads them. */
  private static long pair(double first, double second) {
    long low = Float.floatToRawIntBits((float) first) & 0xFFFF_FFFFL;
    return (long) Float.floatToRawIntBits((float) second) << 32 | low;
  }
}
