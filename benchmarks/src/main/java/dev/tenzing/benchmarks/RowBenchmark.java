package dev.tenzing.benchmarks;

import dev.tenzing.engine.DType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Kernels over rows of tokens: layer norm, softmax, sums and what treats every element alike. */
public class RowBenchmark extends KernelBenchmark {
  private static final int C = 384;

  /** M: so few that a call costs more than its work, EVEREST's encoder, all tokens. */
  @Param({"4", "624", "6272"})
  public int rows;

  private long x;
  private long w;
  private long b;
  private long mean;
  private long rstd;
  private long y;
  private long dy;
  private long value;
  private long dw;
  private long db;

  @Override
  void allocate() {
    x = floats(rows, C);
    w = floats(C);
    b = floats(C);
    mean = floats(rows);
    rstd = floats(rows);
    y = floats(rows, C);
    dy = floats(rows, C);
    value = floats(rows, C);
    dw = floats(C);
    db = floats(C);
  }

  /** Layer norm. */
  @Benchmark
  public void layerNorm(Rate rate) {
    run(rate, k -> k.layerNorm(x, w, b, y, DType.F32, mean, rstd, rows, C, 1e-6f));
  }

  /** Its gradients. */
  @Benchmark
  public void layerNormBackward(Rate rate) {
    run(
        rate,
        k ->
            k.layerNormBackward(dy, DType.F32, x, w, mean, rstd, y, dw, db, rows, C, false, false));
  }

  /** Softmax. */
  @Benchmark
  public void softmax(Rate rate) {
    run(rate, k -> k.softmax(x, y, rows, C));
  }

  /** The sum of all rows. */
  @Benchmark
  public void sumRows(Rate rate) {
    run(rate, k -> k.sumRows(x, DType.F32, dw, rows, C, false));
  }

  /** dx = dy gelu'(x), and gelu(x) again. */
  @Benchmark
  public void geluBackward(Rate rate) {
    run(rate, k -> k.geluBackward(x, dy, y, value, DType.F32, (long) rows * C));
  }

  /** y = a + b. */
  @Benchmark
  public void add(Rate rate) {
    run(rate, k -> k.add(x, dy, y, DType.F32, (long) rows * C));
  }
}
