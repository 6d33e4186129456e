package dev.tenzing.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Clipping and AdamW over one array. */
public class OptimizerBenchmark extends KernelBenchmark {
  /** As many as ViT-S has. */
  @Param("22000000")
  public int parameters;

  private final double[] lr = {1e-4};
  private final double[] decay = {0.05};
  private final long[] step = {1000};
  private long[] size;
  private long[] p;
  private long[] g;
  private long[] m;
  private long[] v;
  private long norm;

  @Override
  void allocate() {
    size = new long[] {parameters};
    p = new long[] {floats(parameters)};
    g = new long[] {floats(parameters)};
    m = new long[] {floats(parameters)};
    v = new long[] {full(0.1f, parameters)};
    norm = floats(1);
  }

  /** The norm of the gradient. */
  @Benchmark
  public void globalNorm(Rate rate) {
    run(rate, k -> k.globalNorm(g, size, norm));
  }

  /** The update. */
  @Benchmark
  public void adamW(Rate rate) {
    run(rate, k -> k.adamW(p, g, m, v, size, lr, decay, step, 0.9, 0.95, 1e-8, norm, 1));
  }
}
