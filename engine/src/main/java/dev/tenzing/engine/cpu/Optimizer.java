package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Lanes.load;
import static dev.tenzing.engine.cpu.Lanes.store;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Global gradient norm and AdamW over all arrays of a model, each in one parallel region. */
final class Optimizer {
  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();
  private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;
  // What PyTorch's clip_grad_norm_ adds to the norm.
  private static final double NORM_EPSILON = 1e-6;

  private final WorkerPool pool;

  Optimizer(WorkerPool pool) {
    this.pool = pool;
  }

  /** A piece of one array: its array, first element and number of elements. */
  @FunctionalInterface
  private interface Piece {
    void run(int task, int array, long from, int count);
  }

  /** Index of the first task of each array, and last the number of tasks. */
  private static int[] firstTasks(long[] n) {
    int[] first = new int[n.length + 1];
    for (int i = 0; i < n.length; i++) {
      first[i + 1] = Math.addExact(first[i], Cut.tasks(n[i], Cut.ELEMENTS));
    }
    return first;
  }

  private void cut(int[] firstTask, long[] n, Piece piece) {
    pool.run(
        firstTask[n.length],
        (task, worker) -> {
          int found = Arrays.binarySearch(firstTask, task);
          int array = found >= 0 ? found : -found - 2;
          while (firstTask[array + 1] == task) {
            array++; // an empty array has the same first task as its successor
          }
          long from = (long) (task - firstTask[array]) * Cut.ELEMENTS;
          piece.run(task, array, from, (int) Math.min(Cut.ELEMENTS, n[array] - from));
        });
  }

  void globalNorm(long[] arrays, long[] n, long norm) {
    int[] firstTask = firstTasks(n);
    int tasks = firstTask[n.length];
    long partials = pool.sharedScratch(8L * tasks);
    cut(
        firstTask,
        n,
        (task, array, from, count) ->
            Native.ALL.set(
                F64, partials + 8L * task, Sums.squares(arrays[array] + 4 * from, count)));
    double sum = 0;
    for (int task = 0; task < tasks; task++) {
      sum += Native.ALL.get(F64, partials + 8L * task);
    }
    Native.f32(norm, (float) Math.sqrt(sum));
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
    double clip = maxNorm > 0 ? Math.min(1, maxNorm / (Native.f32(norm) + NORM_EPSILON)) : 1;
    cut(
        firstTasks(n),
        n,
        (task, i, from, count) -> {
          double correction1 = 1 - StrictMath.pow(beta1, step[i]);
          double correction2 = 1 - StrictMath.pow(beta2, step[i]);
          update(
              p[i] + 4 * from,
              g[i] + 4 * from,
              m[i] + 4 * from,
              v[i] + 4 * from,
              count,
              (float) clip,
              (float) (1 - lr[i] * weightDecay[i]),
              (float) beta1,
              (float) (1 - beta1),
              (float) beta2,
              (float) (1 - beta2),
              (float) (lr[i] / correction1),
              (float) (1 / Math.sqrt(correction2)),
              (float) eps);
        });
  }

  private static void update(
      long p,
      long g,
      long m,
      long v,
      int n,
      float clip,
      float keep,
      float beta1,
      float rest1,
      float beta2,
      float rest2,
      float rate,
      float rootScale,
      float eps) {
    FloatVector epsilon = FloatVector.broadcast(F, eps);
    FloatVector root = FloatVector.broadcast(F, rootScale);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      long at = 4L * i;
      FloatVector gradient = load(g + at).mul(clip);
      FloatVector first = load(m + at).mul(beta1).add(gradient.mul(rest1));
      FloatVector second = load(v + at).mul(beta2).add(gradient.mul(gradient).mul(rest2));
      FloatVector divisor = second.sqrt().fma(root, epsilon);
      store(first, m + at);
      store(second, v + at);
      store(load(p + at).mul(keep).sub(first.mul(rate).div(divisor)), p + at);
    }
    for (; i < n; i++) { // the same for the last few
      long at = 4L * i;
      float gradient = Native.f32(g + at) * clip;
      float first = Native.f32(m + at) * beta1 + gradient * rest1;
      float second = Native.f32(v + at) * beta2 + gradient * gradient * rest2;
      float divisor = Math.fma((float) Math.sqrt(second), rootScale, eps);
      Native.f32(m + at, first);
      Native.f32(v + at, second);
      Native.f32(p + at, Native.f32(p + at) * keep - first * rate / divisor);
    }
  }
}
