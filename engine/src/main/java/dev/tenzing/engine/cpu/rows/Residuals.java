package dev.tenzing.engine.cpu.rows;

import static dev.tenzing.engine.cpu.vector.Lanes.load;
import static dev.tenzing.engine.cpu.vector.Lanes.store;
import static dev.tenzing.engine.cpu.vector.Lanes.tail;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.RowChunks;
import dev.tenzing.engine.cpu.vector.Rows;
import dev.tenzing.engine.cpu.vector.VectorSpec;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.ResidualKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Residual branches with layer scale (Touvron et al., 2021) and stochastic depth (Huang et al.,
 * 2016), forward and backward.
 */
public final class Residuals implements ResidualKernels {
  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();

  private final WorkerPool pool;

  public Residuals(WorkerPool pool) {
    this.pool = pool;
  }

  private static float sampleScale(long sampleScale, int b) {
    return sampleScale == 0 ? 1 : Native.f32(sampleScale + 4L * b);
  }

  @Override
  public void forward(Residual call) {
    long x = call.x().address();
    long branch = call.branch().address();
    long gamma = call.gamma().address();
    long sampleScale = call.sampleScale().address();
    long y = call.y().address();
    int B = call.B();
    int N = call.N();
    int C = call.C();
    int rows = Cut.rows(C);
    int all = Math.multiplyExact(B, N);
    pool.run(
        Cut.tasks(all, rows),
        (task, worker) -> {
          int end = (int) Math.min(all, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long at = 4L * m * C;
            float s = sampleScale(sampleScale, m / N);
            if (gamma == 0) {
              addScaled(x + at, branch + at, s, y + at, C);
            } else {
              addScaled(x + at, branch + at, gamma, s, y + at, C);
            }
          }
        });
  }

  private static void addScaled(long x, long branch, float s, long y, int C) {
    FloatVector scale = FloatVector.broadcast(F, s);
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      long at = 4L * c;
      store(load(branch + at).fma(scale, load(x + at)), y + at);
    }
    if (c < C) {
      long at = 4L * c;
      VectorMask<Float> mask = tail(c, C);
      store(load(branch + at, mask).fma(scale, load(x + at, mask)), y + at, mask);
    }
  }

  private static void addScaled(long x, long branch, long gamma, float s, long y, int C) {
    FloatVector scale = FloatVector.broadcast(F, s);
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      long at = 4L * c;
      store(load(branch + at).fma(scale.mul(load(gamma + at)), load(x + at)), y + at);
    }
    if (c < C) {
      long at = 4L * c;
      VectorMask<Float> mask = tail(c, C);
      FloatVector factor = scale.mul(load(gamma + at, mask));
      store(load(branch + at, mask).fma(factor, load(x + at, mask)), y + at, mask);
    }
  }

  @Override
  public void backward(ResidualBackward call) {
    long dy = call.dy().address();
    long branch = call.branch().address();
    long gamma = call.gamma().address();
    long sampleScale = call.sampleScale().address();
    long dbranch = call.dbranch().address();
    long dgamma = call.dgamma().address();
    int B = call.B();
    int N = call.N();
    int C = call.C();
    boolean accumulateGamma = call.dgamma().accumulate();
    int all = Math.multiplyExact(B, N);
    int rows = RowChunks.rows(all);
    int chunks = RowChunks.count(all);
    long partials = dgamma == 0 ? 0 : pool.sharedScratch(4L * chunks * C);
    pool.run(
        chunks,
        (task, worker) -> {
          long part = partials + 4L * task * C;
          if (dgamma != 0) {
            Rows.fill(part, 0, C);
          }
          int end = (int) Math.min(all, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long at = 4L * m * C;
            float s = sampleScale(sampleScale, m / N);
            if (dgamma != 0) {
              addGammaGradient(dy + at, branch + at, s, part, C);
            }
            branchGradient(dy + at, gamma, s, dbranch + at, C);
          }
        });
    if (dgamma != 0) {
      RowChunks.combine(partials, chunks, C);
      RowChunks.deliver(partials, dgamma, C, accumulateGamma);
    }
  }

  private static void addGammaGradient(long dy, long branch, float s, long dgamma, int C) {
    FloatVector scale = FloatVector.broadcast(F, s);
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      long at = 4L * c;
      FloatVector d = load(dy + at).mul(scale);
      store(d.fma(load(branch + at), load(dgamma + at)), dgamma + at);
    }
    if (c < C) {
      long at = 4L * c;
      VectorMask<Float> mask = tail(c, C);
      FloatVector d = load(dy + at, mask).mul(scale);
      store(d.fma(load(branch + at, mask), load(dgamma + at, mask)), dgamma + at, mask);
    }
  }

  private static void branchGradient(long dy, long gamma, float s, long dbranch, int C) {
    FloatVector scale = FloatVector.broadcast(F, s);
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      long at = 4L * c;
      FloatVector factor = gamma == 0 ? scale : scale.mul(load(gamma + at));
      store(load(dy + at).mul(factor), dbranch + at);
    }
    if (c < C) {
      long at = 4L * c;
      VectorMask<Float> mask = tail(c, C);
      FloatVector factor = gamma == 0 ? scale : scale.mul(load(gamma + at, mask));
      store(load(dy + at, mask).mul(factor), dbranch + at, mask);
    }
  }
}
