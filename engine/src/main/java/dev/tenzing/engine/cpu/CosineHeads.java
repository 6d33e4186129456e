package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Lanes.load;
import static dev.tenzing.engine.cpu.Lanes.store;
import static dev.tenzing.engine.cpu.Lanes.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Queries and keys of cosine attention, divided by their norms head by head. */
final class CosineHeads {
  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();

  private final WorkerPool pool;

  CosineHeads(WorkerPool pool) {
    this.pool = pool;
  }

  /** Factor of a head's queries. StrictMath, so that no machine differs. */
  private static float factor(long scale, int h, float maxScale) {
    return (float) StrictMath.exp(Math.min(Native.f32(scale + 4L * h), maxScale));
  }

  void forward(long x, long scale, long y, int M, int H, int D, float maxScale) {
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
              float factor = i < H ? factor(scale, i, maxScale) : 1;
              scaled(x + at, (float) (factor / divisor(x + at, D)), y + at, D);
            }
            Rows.copy(x + row + 8L * width, y + row + 8L * width, width);
          }
        });
  }

  private static double divisor(long x, int D) {
    return Math.max(ReferenceCosine.MIN_NORM, Math.sqrt(Sums.squares(x, D)));
  }

  private static void scaled(long x, float factor, long y, int D) {
    int d = 0;
    for (; d <= D - LANES; d += LANES) {
      store(load(x + 4L * d).mul(factor), y + 4L * d);
    }
    if (d < D) {
      VectorMask<Float> mask = tail(d, D);
      store(load(x + 4L * d, mask).mul(factor), y + 4L * d, mask);
    }
  }

  /** With u = x / |x| and y = f u: dx = f / |x| (dy - u (u . dy)), and dscale = f u . dy. */
  void backward(
      long x,
      long scale,
      long dy,
      long dx,
      long dscale,
      int M,
      int H,
      int D,
      float maxScale,
      boolean accumulateScale) {
    int width = H * D;
    int rows = RowChunks.rows(M);
    int chunks = RowChunks.count(M);
    long partials = pool.sharedScratch(4L * chunks * H);
    pool.run(
        chunks,
        (task, worker) -> {
          long part = partials + 4L * task * H;
          Rows.fill(part, 0, H);
          int end = (int) Math.min(M, (task + 1L) * rows);
          for (int m = task * rows; m < end; m++) {
            long row = 12L * m * width;
            for (int i = 0; i < 2 * H; i++) {
              long at = row + 4L * i * D;
              float factor = i < H ? factor(scale, i, maxScale) : 1;
              double along = headBackward(x + at, dy + at, factor, dx + at, D);
              if (i < H) {
                Native.f32(part + 4L * i, (float) (Native.f32(part + 4L * i) + factor * along));
              }
            }
            Rows.copy(dy + row + 8L * width, dx + row + 8L * width, width);
          }
        });
    if (dscale != 0) {
      RowChunks.combine(partials, chunks, H);
      for (int h = 0; h < H; h++) {
        if (Native.f32(scale + 4L * h) > maxScale) {
          Native.f32(partials + 4L * h, 0);
        }
      }
      RowChunks.deliver(partials, dscale, H, accumulateScale);
    }
  }

  /** Writes the gradient of one head's row and returns u . dy; dx may be dy. */
  private static double headBackward(long x, long dy, float factor, long dx, int D) {
    double norm = Math.sqrt(Sums.squares(x, D));
    double divisor = Math.max(ReferenceCosine.MIN_NORM, norm);
    double along = Sums.products(x, dy, D) / divisor;
    float project = (float) (norm < ReferenceCosine.MIN_NORM ? 0 : -along / divisor);
    float scale = (float) (factor / divisor);
    FloatVector slope = FloatVector.broadcast(F, project);
    int d = 0;
    for (; d <= D - LANES; d += LANES) {
      store(load(x + 4L * d).fma(slope, load(dy + 4L * d)).mul(scale), dx + 4L * d);
    }
    if (d < D) {
      VectorMask<Float> mask = tail(d, D);
      FloatVector g = load(x + 4L * d, mask).fma(slope, load(dy + 4L * d, mask));
      store(g.mul(scale), dx + 4L * d, mask);
    }
    return along;
  }
}
