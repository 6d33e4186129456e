package dev.tenzing.engine.cpu.rows;

import static dev.tenzing.engine.cpu.vector.Lanes.load;
import static dev.tenzing.engine.cpu.vector.Lanes.store;
import static dev.tenzing.engine.cpu.vector.Lanes.tail;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.Lanes;
import dev.tenzing.engine.cpu.vector.RowChunks;
import dev.tenzing.engine.cpu.vector.Rows;
import dev.tenzing.engine.cpu.vector.Sums;
import dev.tenzing.engine.cpu.vector.VectorSpec;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.LayerNormKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Layer normalisation (Ba, Kiros & Hinton, 2016), forward and backward.
 *
 * <p>A row is read from memory once: its passes for the mean, for the variance around that mean and
 * for the result find it in the first-level cache. A row's result depends on that row only.
 */
public final class LayerNorms implements LayerNormKernels {
  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();

  private final WorkerPool pool;

  public LayerNorms(WorkerPool pool) {
    this.pool = pool;
  }

  @Override
  public void forward(LayerNorm call) {
    long x = call.x().address();
    long w = call.w().address();
    long b = call.b().address();
    long y = call.y().address();
    long mean = call.mean().address();
    long rstd = call.rstd().address();
    int M = call.M();
    int C = call.C();
    float eps = call.eps();
    int rows = Cut.rows(C);
    pool.run(
        Cut.tasks(M, rows),
        (task, worker) -> {
          int end = (int) Math.min(M, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long at = 4L * m * C;
            float center = Sums.sum(x + at, C) / C;
            double variance = (double) Sums.squaredDeviation(x + at, center, C) / C;
            float scale = (float) (1 / Math.sqrt(variance + eps));
            Native.f32(mean + 4L * m, center);
            Native.f32(rstd + 4L * m, scale);
            normalize(x + at, w, b, y + at, center, scale, C);
          }
        });
  }

  private static void normalize(long x, long w, long b, long y, float mean, float rstd, int C) {
    FloatVector center = FloatVector.broadcast(F, mean);
    FloatVector scale = FloatVector.broadcast(F, rstd);
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      long at = 4L * c;
      FloatVector hat = load(x + at).sub(center).mul(scale);
      store(hat.fma(load(w + at), load(b + at)), y + at);
    }
    if (c < C) {
      long at = 4L * c;
      VectorMask<Float> mask = tail(c, C);
      FloatVector hat = load(x + at, mask).sub(center).mul(scale);
      store(hat.fma(load(w + at, mask), load(b + at, mask)), y + at, mask);
    }
  }

  /**
   * With xhat = (x - mean) rstd and g = dy w: dx = rstd (g - mean(g) - xhat mean(g xhat)), dw = sum
   * over rows of dy xhat, db = sum of dy. One sweep over the rows yields all three.
   */
  @Override
  public void backward(LayerNormBackward call) {
    long dy = call.dy().address();
    long x = call.x().address();
    long w = call.w().address();
    long mean = call.mean().address();
    long rstd = call.rstd().address();
    long dx = call.dx().address();
    long dw = call.dw().address();
    long db = call.db().address();
    int M = call.M();
    int C = call.C();
    boolean accumulateX = call.dx().accumulate();
    boolean accumulateW = call.dw().accumulate();
    int rows = RowChunks.rows(M);
    int chunks = RowChunks.count(M);
    int width = 2 * C;
    long partials = pool.sharedScratch(4L * chunks * width);
    pool.run(
        chunks,
        (task, worker) -> {
          long dwPart = partials + 4L * task * width;
          long dbPart = dwPart + 4L * C;
          long means = pool.scratch(worker, 8);
          Rows.fill(dwPart, 0, width);
          int end = (int) Math.min(M, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long at = 4L * m * C;
            float center = Native.f32(mean + 4L * m);
            float scale = Native.f32(rstd + 4L * m);
            parameterRow(dy + at, x + at, w, center, scale, dwPart, dbPart, means, C);
            inputRow(dy + at, x + at, w, center, scale, means, dx + at, C, accumulateX);
          }
        });
    RowChunks.combine(partials, chunks, width);
    RowChunks.deliver(partials, dw, C, accumulateW);
    RowChunks.deliver(partials + 4L * C, db, C, accumulateW);
  }

  /**
   * Adds a row to dw and db, and leaves mean(g) and mean(g xhat) at {@code means}: in memory,
   * because with the next method inlined into this one C2 would stop inlining (see VectorMath).
   */
  private static void parameterRow(
      long dy, long x, long w, float mean, float rstd, long dw, long db, long means, int C) {
    FloatVector center = FloatVector.broadcast(F, mean);
    FloatVector scale = FloatVector.broadcast(F, rstd);
    FloatVector sum0 = FloatVector.zero(F);
    FloatVector sum1 = sum0;
    FloatVector dot0 = sum0;
    FloatVector dot1 = sum0;
    int c = 0;
    for (; c <= C - 2 * LANES; c += 2 * LANES) {
      long at = 4L * c;
      long next = 4L * (c + LANES);
      FloatVector dy0 = load(dy + at);
      FloatVector dy1 = load(dy + next);
      FloatVector hat0 = load(x + at).sub(center).mul(scale);
      FloatVector hat1 = load(x + next).sub(center).mul(scale);
      FloatVector g0 = dy0.mul(load(w + at));
      FloatVector g1 = dy1.mul(load(w + next));
      sum0 = sum0.add(g0);
      sum1 = sum1.add(g1);
      dot0 = g0.fma(hat0, dot0);
      dot1 = g1.fma(hat1, dot1);
      store(dy0.fma(hat0, load(dw + at)), dw + at);
      store(dy1.fma(hat1, load(dw + next)), dw + next);
      store(dy0.add(load(db + at)), db + at);
      store(dy1.add(load(db + next)), db + next);
    }
    for (; c < C; c += LANES) {
      long at = 4L * c;
      VectorMask<Float> mask = tail(c, C);
      FloatVector dy0 = load(dy + at, mask);
      FloatVector hat0 = load(x + at, mask).sub(center).mul(scale);
      FloatVector g0 = dy0.mul(load(w + at, mask));
      sum0 = sum0.add(g0);
      dot0 = g0.fma(hat0, dot0);
      store(dy0.fma(hat0, load(dw + at, mask)), dw + at, mask);
      store(dy0.add(load(db + at, mask)), db + at, mask);
    }
    Native.f32(means, Lanes.sum(sum0.add(sum1)) / C);
    Native.f32(means + 4, Lanes.sum(dot0.add(dot1)) / C);
  }

  private static void inputRow(
      long dy,
      long x,
      long w,
      float mean,
      float rstd,
      long means,
      long dx,
      int C,
      boolean accumulate) {
    FloatVector center = FloatVector.broadcast(F, mean);
    FloatVector scale = FloatVector.broadcast(F, rstd);
    FloatVector shift = FloatVector.broadcast(F, Native.f32(means));
    FloatVector slope = FloatVector.broadcast(F, -Native.f32(means + 4));
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      long at = 4L * c;
      FloatVector hat = load(x + at).sub(center).mul(scale);
      FloatVector g = load(dy + at).mul(load(w + at)).sub(shift);
      FloatVector d = hat.fma(slope, g).mul(scale);
      store(accumulate ? d.add(load(dx + at)) : d, dx + at);
    }
    if (c < C) {
      long at = 4L * c;
      VectorMask<Float> mask = tail(c, C);
      FloatVector hat = load(x + at, mask).sub(center).mul(scale);
      FloatVector g = load(dy + at, mask).mul(load(w + at, mask)).sub(shift);
      FloatVector d = hat.fma(slope, g).mul(scale);
      store(accumulate ? d.add(load(dx + at, mask)) : d, dx + at, mask);
    }
  }
}
