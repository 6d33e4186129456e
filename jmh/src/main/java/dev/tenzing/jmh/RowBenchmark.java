package dev.tenzing.jmh;

import dev.tenzing.engine.kernel.LayerNormKernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.PointwiseKernels;
import dev.tenzing.engine.kernel.ReductionKernels;
import dev.tenzing.engine.kernel.SoftmaxKernels;
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
    run(
        rate,
        k ->
            k.layerNorm()
                .forward(
                    new LayerNormKernels.LayerNorm(
                        Operand.f32(x),
                        Operand.f32(w),
                        Operand.f32(b),
                        Operand.f32(y),
                        Operand.f32(mean),
                        Operand.f32(rstd),
                        rows,
                        C,
                        1e-6f)));
  }

  /** Its gradients. */
  @Benchmark
  public void layerNormBackward(Rate rate) {
    run(
        rate,
        k ->
            k.layerNorm()
                .backward(
                    new LayerNormKernels.LayerNormBackward(
                        Operand.f32(dy),
                        Operand.f32(x),
                        Operand.f32(w),
                        Operand.f32(mean),
                        Operand.f32(rstd),
                        Operand.f32(y),
                        Operand.f32(dw),
                        Operand.f32(db),
                        rows,
                        C)));
  }

  /** Softmax. */
  @Benchmark
  public void softmax(Rate rate) {
    run(
        rate,
        k ->
            k.softmax()
                .forward(new SoftmaxKernels.Softmax(Operand.f32(x), Operand.f32(y), rows, C)));
  }

  /** The sum of all rows. */
  @Benchmark
  public void sumRows(Rate rate) {
    run(
        rate,
        k ->
            k.reductions()
                .sumRows(new ReductionKernels.SumRows(Operand.f32(x), Operand.f32(dw), rows, C)));
  }

  /** dx = dy gelu'(x), and gelu(x) again. */
  @Benchmark
  public void geluBackward(Rate rate) {
    run(
        rate,
        k ->
            k.pointwise()
                .geluBackward(
                    new PointwiseKernels.GeluBackward(
                        Operand.f32(x),
                        Operand.f32(dy),
                        Operand.f32(y),
                        Operand.f32(value),
                        (long) rows * C)));
  }

  /** y = a + b. */
  @Benchmark
  public void add(Rate rate) {
    run(
        rate,
        k ->
            k.pointwise()
                .add(
                    new PointwiseKernels.Add(
                        Operand.f32(x), Operand.f32(dy), Operand.f32(y), (long) rows * C)));
  }
}
