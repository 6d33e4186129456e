package dev.tenzing.engine.cpu.rows;

import static dev.tenzing.engine.cpu.vector.Lanes.load;
import static dev.tenzing.engine.cpu.vector.Lanes.store;
import static dev.tenzing.engine.cpu.vector.Lanes.tail;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.Rows;
import dev.tenzing.engine.cpu.vector.VectorMath;
import dev.tenzing.engine.cpu.vector.VectorSpec;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.PointwiseKernels;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Kernels that treat every element alike; see {@link PointwiseKernels}. */
public final class Pointwise implements PointwiseKernels {
  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();

  private final WorkerPool pool;

  public Pointwise(WorkerPool pool) {
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

  @Override
  public void geluBackward(GeluBackward call) {
    long x = call.x().address();
    long dy = call.dy().address();
    long dx = call.dx().address();
    long y = call.y().address();
    long n = call.n();
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

  /** Activations are F32 here, so nothing is rounded. */
  @Override
  public void cast(Cast call) {
    copy(new Copy(call.x().address(), call.y().address(), 4 * call.n()));
  }

  @Override
  public void add(Add call) {
    long a = call.a().address();
    long b = call.b().address();
    long y = call.y().address();
    long n = call.n();
    cut(n, (at, count) -> Rows.add(a + at, b + at, y + at, count));
  }

  @Override
  public void scale(Scale call) {
    long x = call.x().address();
    float alpha = call.alpha();
    long y = call.y().address();
    long n = call.n();
    boolean accumulate = call.y().accumulate();
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

  @Override
  public void fill(Fill call) {
    long y = call.y().address();
    float value = call.value();
    long n = call.n();
    cut(n, (at, count) -> Rows.fill(y + at, value, count));
  }

  @Override
  public void copy(Copy call) {
    long source = call.source();
    long target = call.target();
    long bytes = call.bytes();
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
