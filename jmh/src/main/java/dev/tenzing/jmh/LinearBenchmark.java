package dev.tenzing.jmh;

import dev.tenzing.engine.kernel.LinearKernels;
import dev.tenzing.engine.kernel.Operand;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** The products of linear layers, forward and backward, at the shapes of video transformers. */
public class LinearBenchmark extends KernelBenchmark {
  /** M x N x K: rows of tokens, output width, input width. */
  @Param({
    "4x400x384",
    "156x1152x384",
    "156x384x1536",
    "470x1536x384",
    "624x1152x384",
    "624x384x384",
    "624x1536x384",
    "624x384x1536",
    "940x2304x768",
    "1256x1536x192",
    "1568x768x768",
    "1880x576x192",
    "1880x768x192",
    "1880x192x768",
    "6272x384x1536"
  })
  public String shape;

  private int M;
  private int N;
  private int K;
  private long x;
  private long w;
  private long bias;
  private long y;
  private long pre;
  private long dx;
  private long dw;

  @Override
  void allocate() {
    String[] sizes = shape.split("x");
    M = Integer.parseInt(sizes[0]);
    N = Integer.parseInt(sizes[1]);
    K = Integer.parseInt(sizes[2]);
    x = floats(M, K);
    w = floats(N, K);
    bias = floats(N);
    y = floats(M, N);
    pre = floats(M, N);
    dx = floats(M, K);
    dw = floats(N, K);
  }

  /** y = x w^T + bias. */
  @Benchmark
  public void linear(Rate rate) {
    run(
        rate,
        k ->
            k.linear()
                .forward(
                    new LinearKernels.Linear(
                        Operand.f32(x),
                        Operand.f32(w),
                        Operand.f32(bias),
                        Operand.NONE,
                        Operand.f32(y),
                        M,
                        N,
                        K)));
  }

  /** y = gelu(x w^T + bias); GELU's own arithmetic is not counted. */
  @Benchmark
  public void linearGelu(Rate rate) {
    run(
        rate,
        k ->
            k.linear()
                .gelu(
                    new LinearKernels.LinearGelu(
                        Operand.f32(x),
                        Operand.f32(w),
                        Operand.f32(bias),
                        Operand.f32(pre),
                        Operand.f32(y),
                        M,
                        N,
                        K)));
  }

  /** dx = dy w. */
  @Benchmark
  public void linearBackwardInput(Rate rate) {
    run(
        rate,
        k ->
            k.linear()
                .backwardInput(
                    new LinearKernels.LinearBackwardInput(
                        Operand.f32(y), Operand.f32(w), Operand.f32(dx), M, N, K)));
  }

  /** dw = dy^T x and the column sums of dy. */
  @Benchmark
  public void linearBackwardWeight(Rate rate) {
    run(
        rate,
        k ->
            k.linear()
                .backwardWeight(
                    new LinearKernels.LinearBackwardWeight(
                        Operand.f32(y),
                        Operand.f32(x),
                        Operand.f32(dw),
                        Operand.f32(bias),
                        M,
                        N,
                        K)));
  }
}
