package dev.tenzing.engine.cpu.rows;

import static dev.tenzing.engine.cpu.vector.Lanes.load;
import static dev.tenzing.engine.cpu.vector.Lanes.store;
import static dev.tenzing.engine.cpu.vector.Lanes.tail;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.Sums;
import dev.tenzing.engine.cpu.vector.VectorSpec;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.LossKernels;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Squared error and soft-target cross entropy, both summed in double precision in row order. */
public final class Losses implements LossKernels {
  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();
  private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  // A scalar exponential costs as much as this many elements of a vector loop.
  private static final int EXP_COST = 32;

  private final WorkerPool pool;

  public Losses(WorkerPool pool) {
    this.pool = pool;
  }

  private static float weight(long weight, long m) {
    return weight == 0 ? 1 : Native.f32(weight + 4 * m);
  }

  @Override
  public void squaredError(SquaredError call) {
    long x = call.x().address();
    long target = call.target().address();
    long weight = call.weight().address();
    long loss = call.loss().address();
    int M = call.M();
    int C = call.C();
    double scale = call.scale();
    long perRow = pool.sharedScratch(8L * M);
    int rows = Cut.rows(C);
    pool.run(
        Cut.tasks(M, rows),
        (task, worker) -> {
          int end = (int) Math.min(M, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long at = 4L * m * C;
            double error = Sums.squaredDistance(x + at, target + at, C);
            Native.ALL.set(F64, perRow + 8L * m, weight(weight, m) * error);
          }
        });
    Native.f32(loss, (float) (scale * sumInOrder(perRow, M)));
  }

  private static double sumInOrder(long values, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Native.ALL.get(F64, values + 8L * i);
    }
    return sum;
  }

  @Override
  public void squaredErrorBackward(SquaredErrorBackward call) {
    long dloss = call.dloss().address();
    long x = call.x().address();
    long target = call.target().address();
    long weight = call.weight().address();
    long dx = call.dx().address();
    int M = call.M();
    int C = call.C();
    double scale = call.scale();
    boolean accumulate = call.dx().accumulate();
    double factor = 2 * scale * Native.f32(dloss);
    int rows = Cut.rows(C);
    pool.run(
        Cut.tasks(M, rows),
        (task, worker) -> {
          int end = (int) Math.min(M, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long at = 4L * m * C;
            float rowFactor = (float) (factor * weight(weight, m));
            scaledDifference(x + at, target + at, rowFactor, dx + at, C, accumulate);
          }
        });
  }

  private static void scaledDifference(
      long x, long target, float factor, long dx, int C, boolean accumulate) {
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      long at = 4L * c;
      FloatVector d = load(x + at).sub(load(target + at)).mul(factor);
      store(accumulate ? d.add(load(dx + at)) : d, dx + at);
    }
    if (c < C) {
      long at = 4L * c;
      VectorMask<Float> mask = tail(c, C);
      FloatVector d = load(x + at, mask).sub(load(target + at, mask)).mul(factor);
      store(accumulate ? d.add(load(dx + at, mask)) : d, dx + at, mask);
    }
  }

  /** Class counts are small, so this is plain double arithmetic. */
  @Override
  public void crossEntropy(SoftTargetCrossEntropy call) {
    long logits = call.logits().address();
    long target = call.target().address();
    long logProbability = call.logProbability().address();
    long loss = call.loss().address();
    int M = call.M();
    int C = call.C();
    long perRow = pool.sharedScratch(8L * M);
    int rows = Cut.rows((long) C * EXP_COST);
    pool.run(
        Cut.tasks(M, rows),
        (task, worker) -> {
          int end = (int) Math.min(M, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long at = 4L * m * C;
            double entropy = crossEntropyRow(logits + at, target + at, logProbability + at, C);
            Native.ALL.set(F64, perRow + 8L * m, entropy);
          }
        });
    Native.f32(loss, (float) (sumInOrder(perRow, M) / M));
  }

  private static double crossEntropyRow(long logits, long target, long logProbability, int C) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < C; c++) {
      max = Math.max(max, Native.f32(logits + 4L * c));
    }
    double sum = 0;
    for (int c = 0; c < C; c++) {
      sum += StrictMath.exp(Native.f32(logits + 4L * c) - max);
    }
    double logSum = max + StrictMath.log(sum);
    double entropy = 0;
    for (int c = 0; c < C; c++) {
      double logP = Native.f32(logits + 4L * c) - logSum;
      Native.f32(logProbability + 4L * c, (float) logP);
      entropy -= Native.f32(target + 4L * c) * logP;
    }
    return entropy;
  }

  @Override
  public void crossEntropyBackward(SoftTargetCrossEntropyBackward call) {
    long dloss = call.dloss().address();
    long logProbability = call.logProbability().address();
    long target = call.target().address();
    long dlogits = call.dlogits().address();
    int M = call.M();
    int C = call.C();
    boolean accumulate = call.dlogits().accumulate();
    double factor = (double) Native.f32(dloss) / M;
    int rows = Cut.rows((long) C * EXP_COST);
    pool.run(
        Cut.tasks(M, rows),
        (task, worker) -> {
          int end = (int) Math.min(M, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long at = 4L * m * C;
            crossEntropyRowBackward(
                factor, logProbability + at, target + at, dlogits + at, C, accumulate);
          }
        });
  }

  private static void crossEntropyRowBackward(
      double factor, long logProbability, long target, long dlogits, int C, boolean accumulate) {
    double mass = 0;
    for (int c = 0; c < C; c++) {
      mass += Native.f32(target + 4L * c);
    }
    for (int c = 0; c < C; c++) {
      double p = StrictMath.exp(Native.f32(logProbability + 4L * c));
      float d = (float) (factor * (p * mass - Native.f32(target + 4L * c)));
      Native.f32(dlogits + 4L * c, accumulate ? Native.f32(dlogits + 4L * c) + d : d);
    }
  }
}
