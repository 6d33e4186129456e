package dev.tenzing.engine.cpu.attention;

import static dev.tenzing.engine.cpu.vector.Lanes.load;
import static dev.tenzing.engine.cpu.vector.Lanes.store;
import static dev.tenzing.engine.cpu.vector.Lanes.tail;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.RowChunks;
import dev.tenzing.engine.cpu.vector.Rows;
import dev.tenzing.engine.cpu.vector.Sums;
import dev.tenzing.engine.cpu.vector.VectorSpec;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.CosineHeadKernels;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Queries and keys of cosine attention, divided by their norms head by head.
 *
 * <p>Logits reach 100 here, so the last bit of a norm is a hundredth of a percent of a weight, and
 * it errs in the same direction for the whole row. Factors are therefore taken in two parts, which
 * costs an instruction a vector and leaves one rounding for each element.
 */
public final class NormalizedHeads implements CosineHeadKernels {
  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();
  private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  private final WorkerPool pool;

  public NormalizedHeads(WorkerPool pool) {
    this.pool = pool;
  }

  /** Factor of row i of q (i < H) and k. StrictMath, so that no machine differs. */
  private static double factor(long scale, int i, int H, float maxScale) {
    return i < H ? StrictMath.exp(Math.min(Native.f32(scale + 4L * i), maxScale)) : 1;
  }

  @Override
  public void forward(CosineHeads call) {
    long x = call.x().address();
    long scale = call.scale().address();
    long y = call.y().address();
    int M = call.M();
    int H = call.H();
    int D = call.D();
    float maxScale = call.maxScale();
    int width = H * D;
    int rows = Cut.rows(3L * width);
    pool.run(
        Cut.tasks(M, rows),
        (task, worker) -> {
          int end = (int) Math.min(M, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long row = 12L * m * width;
            for (int i = 0; i < 2 * H; i++) {
              long at = row + 4L * i * D;
              double norm = Math.sqrt(Sums.squares(x + at, D));
              double divisor = Math.max(CosineHeads.MIN_NORM, norm);
              scaled(x + at, factor(scale, i, H, maxScale) / divisor, y + at, D);
            }
            Rows.copy(x + row + 8L * width, y + row + 8L * width, width);
          }
        });
  }

  private static void scaled(long x, double factor, long y, int D) {
    float high = (float) factor;
    float low = (float) (factor - high);
    FloatVector f = FloatVector.broadcast(F, high);
    int d = 0;
    for (; d <= D - LANES; d += LANES) {
      FloatVector v = load(x + 4L * d);
      store(v.fma(f, v.mul(low)), y + 4L * d);
    }
    if (d < D) {
      VectorMask<Float> mask = tail(d, D);
      FloatVector v = load(x + 4L * d, mask);
      store(v.fma(f, v.mul(low)), y + 4L * d, mask);
    }
  }

  /** With u = x / |x| and y = f u: dx = f / |x| (dy - u (u . dy)), and dscale = f u . dy. */
  @Override
  public void backward(CosineHeadsBackward call) {
    long x = call.x().address();
    long scale = call.scale().address();
    long dy = call.dy().address();
    long dx = call.dx().address();
    long dscale = call.dscale().address();
    int M = call.M();
    int H = call.H();
    int D = call.D();
    float maxScale = call.maxScale();
    boolean accumulateScale = call.dscale().accumulate();
    int width = H * D;
    int rows = RowChunks.rows(M);
    int chunks = RowChunks.count(M);
    long partials = pool.sharedScratch(8L * chunks * H);
    pool.run(
        chunks,
        (task, worker) -> {
          long part = partials + 8L * task * H;
          for (int h = 0; h < H; h++) {
            Native.ALL.set(F64, part + 8L * h, 0);
          }
          int end = (int) Math.min(M, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long row = 12L * m * width;
            for (int i = 0; i < 2 * H; i++) {
              long at = row + 4L * i * D;
              double factor = factor(scale, i, H, maxScale);
              double along = headBackward(x + at, dy + at, factor, dx + at, D);
              if (i < H) {
                double sum = Native.ALL.get(F64, part + 8L * i);
                Native.ALL.set(F64, part + 8L * i, sum + factor * along);
              }
            }
            Rows.copy(dy + row + 8L * width, dx + row + 8L * width, width);
          }
        });
    for (int h = 0; dscale != 0 && h < H; h++) {
      double sum = 0;
      for (int chunk = 0; chunk < chunks; chunk++) {
        sum += Native.ALL.get(F64, partials + 8L * (chunk * H + h));
      }
      sum = Native.f32(scale + 4L * h) > maxScale ? 0 : sum;
      long at = dscale + 4L * h;
      Native.f32(at, (float) (accumulateScale ? Native.f32(at) + sum : sum));
    }
  }

  /** Writes the gradient of one head's row and returns u . dy; dx may be dy. */
  private static double headBackward(long x, long dy, double factor, long dx, int D) {
    double norm = Math.sqrt(Sums.squares(x, D));
    double divisor = Math.max(CosineHeads.MIN_NORM, norm);
    double along = Sums.products(x, dy, D) / divisor;
    double slope = norm < CosineHeads.MIN_NORM ? 0 : -along / divisor;
    project(x, dy, slope, factor / divisor, dx, D);
    return along;
  }

  /** {@code dx = factor (dy + slope x)}. */
  private static void project(long x, long dy, double slope, double factor, long dx, int D) {
    float slopeHigh = (float) slope;
    float factorHigh = (float) factor;
    FloatVector s = FloatVector.broadcast(F, slopeHigh);
    FloatVector sLow = FloatVector.broadcast(F, (float) (slope - slopeHigh));
    FloatVector f = FloatVector.broadcast(F, factorHigh);
    float fLow = (float) (factor - factorHigh);
    int d = 0;
    for (; d <= D - LANES; d += LANES) {
      FloatVector v = load(x + 4L * d);
      FloatVector g = v.fma(s, v.fma(sLow, load(dy + 4L * d)));
      store(g.fma(f, g.mul(fLow)), dx + 4L * d);
    }
    if (d < D) {
      VectorMask<Float> mask = tail(d, D);
      FloatVector v = load(x + 4L * d, mask);
      FloatVector g = v.fma(s, v.fma(sLow, load(dy + 4L * d, mask)));
      store(g.fma(f, g.mul(fLow)), dx + 4L * d, mask);
    }
  }
}
