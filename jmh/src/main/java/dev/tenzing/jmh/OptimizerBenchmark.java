package dev.tenzing.jmh;

import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.OptimizerKernels.AdamW;
import dev.tenzing.engine.kernel.OptimizerKernels.GlobalNorm;
import dev.tenzing.engine.kernel.OptimizerKernels.Parameter;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Clipping and AdamW over one array. */
public class OptimizerBenchmark extends KernelBenchmark {
  /** As many as ViT-S has. */
  @Param("22000000")
  public int parameters;

  private List<Parameter> all;
  private Operand norm;

  @Override
  void allocate() {
    long p = floats(parameters);
    long g = floats(parameters);
    long m = floats(parameters);
    long v = full(0.1f, parameters);
    all = List.of(new Parameter(p, g, m, v, parameters, 1e-4, 0.05, 1000));
    norm = Operand.f32(floats(1));
  }

  /** The norm of the gradient. */
  @Benchmark
  public void globalNorm(Rate rate) {
    run(rate, k -> k.optimizer().globalNorm(new GlobalNorm(all, norm)));
  }

  /** The update. */
  @Benchmark
  public void adamW(Rate rate) {
    run(rate, k -> k.optimizer().adamW(new AdamW(all, 0.9, 0.95, 1e-8, norm, 1)));
  }
}
