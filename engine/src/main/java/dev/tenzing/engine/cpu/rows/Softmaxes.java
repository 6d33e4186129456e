package dev.tenzing.engine.cpu.rows;

import static dev.tenzing.engine.cpu.vector.Lanes.load;
import static dev.tenzing.engine.cpu.vector.Lanes.store;
import static dev.tenzing.engine.cpu.vector.Lanes.tail;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.Lanes;
import dev.tenzing.engine.cpu.vector.Rows;
import dev.tenzing.engine.cpu.vector.Sums;
import dev.tenzing.engine.cpu.vector.VectorMath;
import dev.tenzing.engine.cpu.vector.VectorSpec;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.kernel.SoftmaxKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Softmax of rows; a row's result depends on that row only. */
public final class Softmaxes implements SoftmaxKernels {
  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();

  private final WorkerPool pool;

  public Softmaxes(WorkerPool pool) {
    this.pool = pool;
  }

  @Override
  public void forward(Softmax call) {
    long x = call.x().address();
    long y = call.y().address();
    int M = call.M();
    int C = call.C();
    int rows = Cut.rows(C);
    pool.run(
        Cut.tasks(M, rows),
        (task, worker) -> {
          int end = (int) Math.min(M, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long at = 4L * m * C;
            float sum = exponentials(x + at, max(x + at, C), y + at, C);
            Rows.divide(y + at, sum, y + at, C);
          }
        });
  }

  @Override
  public void backward(SoftmaxBackward call) {
    long y = call.y().address();
    long dy = call.dy().address();
    long dx = call.dx().address();
    int M = call.M();
    int C = call.C();
    boolean accumulate = call.dx().accumulate();
    int rows = Cut.rows(C);
    pool.run(
        Cut.tasks(M, rows),
        (task, worker) -> {
          int end = (int) Math.min(M, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long at = 4L * m * C;
            float sum = (float) Sums.products(dy + at, y + at, C);
            rowBackward(y + at, dy + at, sum, dx + at, C, accumulate);
          }
        });
  }

  private static void rowBackward(long y, long dy, float sum, long dx, int C, boolean accumulate) {
    FloatVector shift = FloatVector.broadcast(F, sum);
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      long at = 4L * c;
      FloatVector d = load(dy + at).sub(shift).mul(load(y + at));
      store(accumulate ? d.add(load(dx + at)) : d, dx + at);
    }
    if (c < C) {
      long at = 4L * c;
      VectorMask<Float> mask = tail(c, C);
      FloatVector d = load(dy + at, mask).sub(shift).mul(load(y + at, mask));
      store(accumulate ? d.add(load(dx + at, mask)) : d, dx + at, mask);
    }
  }

  private static float max(long x, int C) {
    FloatVector largest = FloatVector.broadcast(F, Float.NEGATIVE_INFINITY);
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      largest = largest.max(load(x + 4L * c));
    }
    if (c < C) {
      VectorMask<Float> mask = tail(c, C);
      largest = largest.lanewise(VectorOperators.MAX, load(x + 4L * c, mask), mask);
    }
    return largest.reduceLanes(VectorOperators.MAX);
  }

  /** Writes {@code y = e^(x - max)} and returns its sum. */
  private static float exponentials(long x, float max, long y, int C) {
    FloatVector shift = FloatVector.broadcast(F, max);
    FloatVector sum = FloatVector.zero(F);
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      FloatVector e = VectorMath.expUpTo88(load(x + 4L * c).sub(shift));
      sum = sum.add(e);
      store(e, y + 4L * c);
    }
    if (c < C) {
      VectorMask<Float> mask = tail(c, C);
      FloatVector e = VectorMath.expUpTo88(load(x + 4L * c, mask).sub(shift));
      sum = sum.add(e, mask);
      store(e, y + 4L * c, mask);
    }
    return Lanes.sum(sum);
  }
}
