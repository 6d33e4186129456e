package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Lanes.load;
import static dev.tenzing.engine.cpu.Lanes.store;
import static dev.tenzing.engine.cpu.Lanes.tail;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Kernels that treat every element alike; see {@link dev.tenzing.engine.kernel.Kernels}. */
final class Pointwise {
  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();

  private final WorkerPool pool;

  Pointwise(WorkerPool pool) {
    this.pool = pool;
  }

  /** Elements at a byte offset into each array of a kernel. */
  @FunctionalInterface
  private interface Range {
    void run(long offset, int count);
  }

  private void cut(long n, Range range) {
    pool.run(
        Cut.tasks(n, Cut.ELEMENTS),
        (task, worker) -> {
          long from = (long) task * Cut.ELEMENTS;
          range.run(4 * from, (int) Math.min(Cut.ELEMENTS, n - from));
        });
  }

  void geluBackward(long x, long dy, long dx, long y, long n) {
    cut(n, (at, count) -> geluBackwardRange(x + at, dy + at, dx + at, y + at, count));
  }

  private static void geluBackwardRange(long x, long dy, long dx, long y, int n) {
    int whole = F.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      long at = 4L * i;
      FloatVector v = load(x + at);
      FloatVector bell = VectorMath.bell(v);
      FloatVector slope = VectorMath.geluDerivative(v, bell);
      store(slope.mul(load(dy + at)), dx + at);
      store(VectorMath.geluOfDerivative(v, bell, slope), y + at);
    }
    if (whole < n) {
      long at = 4L * whole;
      geluBackwardTail(x + at, dy + at, dx + at, y + at, n - whole);
    }
  }

  // Apart, so that the loop above stays small enough for C2; see VectorMath.
  private static void geluBackwardTail(long x, long dy, long dx, long y, int n) {
    VectorMask<Float> mask = tail(0, n);
    FloatVector v = load(x, mask);
    FloatVector bell = VectorMath.bell(v);
    FloatVector slope = VectorMath.geluDerivative(v, bell);
    store(slope.mul(load(dy, mask)), dx, mask);
    store(VectorMath.geluOfDerivative(v, bell, slope), y, mask);
  }

  void add(long a, long b, long y, long n) {
    cut(n, (at, count) -> Rows.add(a + at, b + at, y + at, count));
  }

  void scale(long x, float alpha, long y, long n, boolean accumulate) {
    if (accumulate) {
      cut(n, (at, count) -> addScaledRange(x + at, alpha, y + at, count));
    } else {
      cut(n, (at, count) -> scaleRange(x + at, alpha, y + at, count));
    }
  }

  private static void scaleRange(long x, float alpha, long y, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(load(x + 4L * i).mul(alpha), y + 4L * i);
    }
    if (i < n) {
      VectorMask<Float> mask = tail(i, n);
      store(load(x + 4L * i, mask).mul(alpha), y + 4L * i, mask);
    }
  }

  private static void addScaledRange(long x, float alpha, long y, int n) {
    FloatVector factor = FloatVector.broadcast(F, alpha);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(load(x + 4L * i).fma(factor, load(y + 4L * i)), y + 4L * i);
    }
    if (i < n) {
      VectorMask<Float> mask = tail(i, n);
      store(load(x + 4L * i, mask).fma(factor, load(y + 4L * i, mask)), y + 4L * i, mask);
    }
  }

  void fill(long y, float value, long n) {
    cut(n, (at, count) -> Rows.fill(y + at, value, count));
  }

  void copy(long source, long target, long bytes) {
    long piece = 4L * Cut.ELEMENTS;
    pool.run(
        Cut.tasks(bytes, piece),
        (task, worker) -> {
          long from = task * piece;
          MemorySegment.copy(
              Native.ALL, source + from, Native.ALL, target + from, Math.min(piece, bytes - from));
        });
  }
}
