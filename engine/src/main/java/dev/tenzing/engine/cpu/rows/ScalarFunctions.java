package dev.tenzing.engine.cpu.rows;

import static dev.tenzing.engine.host.Native.f32;
import static dev.tenzing.engine.host.Native.i32;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.kernel.FunctionKernels;
import dev.tenzing.engine.kernel.Operand;
import dev.tenzing.engine.kernel.ReduceFunction;
import dev.tenzing.engine.reference.Functions;

/**
 * Functions of elements, cut into tasks; the arithmetic is the reference's. What is on the path of
 * a training step is fused elsewhere.
 */
public final class ScalarFunctions implements FunctionKernels {
  // A function in double precision costs as much as this many elements of a vector loop.
  private static final int COST = 16;

  private static final int PIECE = Cut.ELEMENTS / COST;

  private final WorkerPool pool;

  public ScalarFunctions(WorkerPool pool) {
    this.pool = pool;
  }

  /** What becomes of one element. */
  @FunctionalInterface
  private interface Element {
    void compute(long i);
  }

  /** Computes n elements, each of which costs as much as {@code work} others. */
  private void each(long n, long work, Element element) {
    int piece = (int) Math.max(1, PIECE / Math.max(1, work));
    pool.run(
        Cut.tasks(n, piece),
        (task, worker) -> {
          long end = Math.min(n, (task + 1L) * piece);
          for (long i = (long) task * piece; i < end; i++) {
            element.compute(i);
          }
        });
  }

  private static void put(Operand target, long i, double value) {
    long address = target.address() + 4 * i;
    f32(address, (float) (target.accumulate() ? f32(address) + value : value));
  }

  @Override
  public void unary(Unary call) {
    long x = call.x().address();
    long y = call.y().address();
    each(call.n(), 1, i -> f32(y + 4 * i, (float) Functions.value(call.f(), f32(x + 4 * i))));
  }

  @Override
  public void unaryBackward(UnaryBackward call) {
    long x = call.x().address();
    long y = call.y().address();
    long dy = call.dy().address();
    each(
        call.n(),
        1,
        i -> {
          double slope = Functions.slope(call.f(), f32(x + 4 * i), f32(y + 4 * i));
          put(call.dx(), i, f32(dy + 4 * i) * slope);
        });
  }

  @Override
  public void binary(Binary call) {
    Broadcast sizes = call.sizes();
    long y = call.y().address();
    each(
        sizes.size(),
        1,
        i -> {
          float a = element(call.a(), sizes, true, i);
          float b = element(call.b(), sizes, false, i);
          f32(y + 4 * i, (float) Functions.value(call.f(), a, b));
        });
  }

  private static float element(Operand x, Broadcast sizes, boolean first, long i) {
    return f32(x.address() + 4 * (sizes.isSmall(first) ? i / sizes.inner() % sizes.middle() : i));
  }

  /** A task has some elements of dx, so sums do not depend on the number of threads. */
  @Override
  public void binaryBackward(BinaryBackward call) {
    Broadcast sizes = call.sizes();
    boolean small = sizes.isSmall(call.first());
    long outer = small ? sizes.outer() : 1;
    long inner = small ? sizes.inner() : 1;
    each(
        sizes.size(call.first()),
        outer * inner,
        i -> {
          double sum = 0;
          for (long o = 0; o < outer; o++) {
            for (long k = 0; k < inner; k++) {
              long at = small ? (o * sizes.middle() + i) * inner + k : i;
              float a = element(call.a(), sizes, true, at);
              float b = element(call.b(), sizes, false, at);
              double slope = Functions.slope(call.f(), call.first(), a, b);
              sum += slope * f32(call.dy().address() + 4 * at);
            }
          }
          put(call.dx(), i, sum);
        });
  }

  @Override
  public void where(Where call) {
    long condition = call.condition().address();
    each(
        call.n(),
        1,
        i -> {
          Operand chosen = i32(condition + 4 * i) != 0 ? call.a() : call.b();
          put(call.y(), i, chosen.present() ? f32(chosen.address() + 4 * i) : 0);
        });
  }

  @Override
  public void reduce(Reduce call) {
    boolean max = call.f() == ReduceFunction.MAX;
    double divisor = call.f() == ReduceFunction.MEAN ? call.M() : 1;
    long stride = 4 * call.inner();
    each(
        call.outer() * call.inner(),
        call.M(),
        i -> {
          long from = call.x().address() + first(i, call.M(), call.inner());
          double result = max ? Double.NEGATIVE_INFINITY : 0;
          for (int m = 0; m < call.M(); m++) {
            float x = f32(from + m * stride);
            result = max ? Math.max(result, x) : result + x;
          }
          f32(call.y().address() + 4 * i, (float) (result / divisor));
        });
  }

  /** Offset of the first of the elements that become element i of a result. */
  private static long first(long i, int M, long inner) {
    return 4 * (i / inner * M * inner + i % inner);
  }

  @Override
  public void reduceBackward(ReduceBackward call) {
    boolean max = call.f() == ReduceFunction.MAX;
    double divisor = call.f() == ReduceFunction.MEAN ? call.M() : 1;
    each(
        call.outer() * call.inner(),
        call.M(),
        i -> {
          long first = first(i, call.M(), call.inner()) / 4;
          double share = f32(call.dy().address() + 4 * i) / divisor;
          boolean taken = false;
          for (int m = 0; m < call.M(); m++) {
            long at = first + m * call.inner();
            boolean takes = !max || !taken && isMax(call, at, i);
            taken |= takes;
            put(call.dx(), at, takes ? share : 0);
          }
        });
  }

  private static boolean isMax(ReduceBackward call, long at, long i) {
    return f32(call.x().address() + 4 * at) == f32(call.y().address() + 4 * i);
  }
}
