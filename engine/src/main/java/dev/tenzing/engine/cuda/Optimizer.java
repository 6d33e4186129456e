package dev.tenzing.engine.cuda;

import dev.tenzing.engine.kernel.OptimizerKernels;
import java.util.List;

/** Global gradient norm and AdamW over all arrays of a model, each in one launch. */
final class Optimizer implements OptimizerKernels {
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

  @Override
  public void globalNorm(GlobalNorm call) {
    List<Parameter> parameters = call.parameters();
    long[] table = new long[3 * parameters.size()]; // Summand of optimizer.cu
    long chunks = 0;
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      chunks += Math.ceilDiv(parameter.n(), CHUNK);
      table[3 * i] = parameter.g();
      table[3 * i + 1] = parameter.n();
      table[3 * i + 2] = chunks;
    }
    long partials = launcher.scratch(Double.BYTES * chunks);
    sumSquares
        .grid(chunks)
        .block(THREADS)
        .arg(launcher.upload(table))
        .arg(parameters.size())
        .arg(partials)
        .launch();
    totalNorm.grid(1).block(TOTAL_THREADS).arg(partials).arg(chunks).arg(call.norm()).launch();
  }

  @Override
  public void adamW(AdamW call) {
    List<Parameter> parameters = call.parameters();
    double beta1 = call.beta1();
    double beta2 = call.beta2();
    long[] table = new long[8 * parameters.size()]; // Parameter of optimizer.cu
    long chunks = 0;
    long step = 0;
    double correction1 = 0;
    double correction2 = 0;
    for (int i = 0; i < parameters.size(); i++) {
      Parameter p = parameters.get(i);
      chunks += Math.ceilDiv(p.n(), CHUNK);
      if (i == 0 || p.step() != step) { // Most arrays are of the same age.
        step = p.step();
        correction1 = 1 - Math.pow(beta1, step);
        correction2 = 1 - Math.pow(beta2, step);
      }
      int at = 8 * i;
      table[at] = p.p();
      table[at + 1] = p.g();
      table[at + 2] = p.m();
      table[at + 3] = p.v();
      table[at + 4] = p.n();
      table[at + 5] = chunks;
      table[at + 6] = pair(p.lr() * p.weightDecay(), p.lr() / correction1);
      table[at + 7] = pair(1 / Math.sqrt(correction2), 0);
    }
    adamW
        .grid(chunks)
        .block(THREADS)
        .arg(launcher.upload(table))
        .arg(parameters.size())
        .arg((float) beta1)
        .arg((float) (1 - beta1))
        .arg((float) beta2)
        .arg((float) (1 - beta2))
        .arg((float) call.eps())
        .arg(call.norm())
        .arg(call.maxNorm())
        .launch();
  }

  /** Two floats in the order that a little-endian device reads them. */
  private static long pair(double first, double second) {
    long low = Float.floatToRawIntBits((float) first) & 0xFFFF_FFFFL;
    return (long) Float.floatToRawIntBits((float) second) << 32 | low;
  }
}
