package dev.tenzing.engine.cpu.rows;

import static dev.tenzing.engine.cpu.vector.Lanes.load;
import static dev.tenzing.engine.cpu.vector.Lanes.store;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.Sums;
import dev.tenzing.engine.cpu.vector.VectorSpec;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.OptimizerKernels;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Global gradient norm and AdamW over all arrays of a model, each in one parallel region. */
public final class Optimizer implements OptimizerKernels {
  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();
  private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  private final WorkerPool pool;

  public Optimizer(WorkerPool pool) {
    this.pool = pool;
  }

  /** A piece of one parameter: its first element and number of elements. */
  @FunctionalInterface
  private interface Piece {
    void run(int task, Parameter parameter, long from, int count);
  }

  /** Index of the first task of each parameter, and last the number of tasks. */
  private static int[] firstTasks(List<Parameter> parameters) {
    int[] first = new int[parameters.size() + 1];
    for (int i = 0; i < parameters.size(); i++) {
      first[i + 1] = Math.addExact(first[i], Cut.tasks(parameters.get(i).n(), Cut.ELEMENTS));
    }
    return first;
  }

  private void cut(int[] firstTask, List<Parameter> parameters, Piece piece) {
    pool.run(
        firstTask[parameters.size()],
        (task, worker) -> {
          int found = Arrays.binarySearch(firstTask, task);
          int array = found >= 0 ? found : -found - 2;
          while (firstTask[array + 1] == task) {
            array++; // an empty array has the same first task as its successor
          }
          Parameter parameter = parameters.get(array);
          long from = (long) (task - firstTask[array]) * Cut.ELEMENTS;
          piece.run(task, parameter, from, (int) Math.min(Cut.ELEMENTS, parameter.n() - from));
        });
  }

  @Override
  public void globalNorm(GlobalNorm call) {
    int[] firstTask = firstTasks(call.parameters());
    int tasks = firstTask[call.parameters().size()];
    long partials = pool.sharedScratch(8L * tasks);
    cut(
        firstTask,
        call.parameters(),
        (task, parameter, from, count) ->
            Native.ALL.set(
                F64, partials + 8L * task, Sums.squares(parameter.g() + 4 * from, count)));
    double sum = 0;
    for (int task = 0; task < tasks; task++) {
      sum += Native.ALL.get(F64, partials + 8L * task);
    }
    Native.f32(call.norm().address(), (float) Math.sqrt(sum));
  }

  @Override
  public void adamW(AdamW call) {
    double beta1 = call.beta1();
    double beta2 = call.beta2();
    double maxNorm = call.maxNorm();
    double clip =
        maxNorm > 0 ? Math.min(1, maxNorm / (Native.f32(call.norm().address()) + NORM_EPSILON)) : 1;
    cut(
        firstTasks(call.parameters()),
        call.parameters(),
        (task, p, from, count) -> {
          double correction1 = 1 - StrictMath.pow(beta1, p.step());
          double correction2 = 1 - StrictMath.pow(beta2, p.step());
          update(
              p.p() + 4 * from,
              p.g() + 4 * from,
              p.m() + 4 * from,
              p.v() + 4 * from,
              count,
              (float) clip,
              (float) (1 - p.lr() * p.weightDecay()),
              (float) beta1,
              (float) (1 - beta1),
              (float) beta2,
              (float) (1 - beta2),
              (float) (p.lr() / correction1),
              (float) (1 / Math.sqrt(correction2)),
              (float) call.eps());
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
