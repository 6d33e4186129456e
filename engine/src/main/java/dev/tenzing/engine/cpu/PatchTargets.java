package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Lanes.load;
import static dev.tenzing.engine.cpu.Lanes.store;
import static dev.tenzing.engine.cpu.Lanes.tail;
import static dev.tenzing.engine.cpu.VideoKernels.CHANNELS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The pixels that a masked autoencoder predicts, normalised per patch and channel (He et al., 2022,
 * section 4.1; Tong et al., 2022).
 *
 * <p>Nearly flat patches are common, and dividing by their small deviation magnifies every rounding
 * error of the mean. So each channel is first shifted by its own first pixel: differences of close
 * floats are exact, and what follows rounds relative to the spread and not to the brightness.
 */
final class PatchTargets {
  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();
  private static final double EPSILON = 1e-6;

  private final WorkerPool pool;

  PatchTargets(WorkerPool pool) {
    this.pool = pool;
  }

  void forward(
      long video,
      long index,
      long y,
      int B,
      int T,
      int H,
      int W,
      int t,
      int p,
      int M,
      float[] mean,
      float[] std,
      boolean normalize) {
    int across = W / p;
    int perSlot = H / p * across;
    int n = t * p * p;
    int size = CHANNELS * n;
    long all = (long) B * M;
    int group = Cut.rows(size);
    pool.run(
        Cut.tasks(all, group),
        (task, worker) -> {
          long planes = pool.scratch(worker, 4L * size);
          long end = Math.min(all, (task + 1L) * group);
          for (long m = (long) task * group; m < end; m++) {
            int token = Native.i32(index + 4 * m);
            int place = token % perSlot;
            for (int c = 0; c < CHANNELS; c++) {
              long frame = (m / M * CHANNELS + c) * T + (long) (token / perSlot) * t;
              long line = frame * H + (long) (place / across) * p;
              long corner = video + 4 * (line * W + (long) (place % across) * p);
              long plane = planes + 4L * c * n;
              if (normalize) {
                collect(corner, H, W, t, p, Native.f32(corner), plane);
                normalize(plane, n, std[c]);
              } else {
                collect(corner, H, W, t, p, 0, plane);
                scale(plane, n, std[c], mean[c]);
              }
            }
            interleave(planes, n, y + 4 * m * size);
          }
        });
  }

  /** Copies t frames of p x p pixels, less {@code shift}, to consecutive elements. */
  private static void collect(long corner, int H, int W, int t, int p, float shift, long to) {
    FloatVector s = FloatVector.broadcast(F, shift);
    int whole = F.loopBound(p);
    VectorMask<Float> rest = tail(whole, p);
    long target = to;
    for (int f = 0; f < t; f++) {
      for (int line = 0; line < p; line++) {
        long source = corner + 4 * (((long) f * H + line) * W);
        for (int i = 0; i < whole; i += LANES) {
          store(load(source + 4L * i).sub(s), target + 4L * i);
        }
        if (whole < p) {
          store(load(source + 4L * whole, rest).sub(s), target + 4L * whole, rest);
        }
        target += 4L * p;
      }
    }
  }

  /** (v std - mean(v std)) / (deviation(v std) + epsilon), for v known up to a constant. */
  private static void normalize(long v, int n, float std) {
    float center = Sums.sum(v, n) / n;
    double variance = (double) Sums.squaredDeviation(v, center, n) / (n - 1);
    float factor = (float) (std / (std * Math.sqrt(variance) + EPSILON));
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(load(v + 4L * i).sub(center).mul(factor), v + 4L * i);
    }
    if (i < n) {
      VectorMask<Float> mask = tail(i, n);
      store(load(v + 4L * i, mask).sub(center).mul(factor), v + 4L * i, mask);
    }
  }

  private static void scale(long v, int n, float std, float mean) {
    FloatVector shift = FloatVector.broadcast(F, mean);
    FloatVector factor = FloatVector.broadcast(F, std);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(load(v + 4L * i).fma(factor, shift), v + 4L * i);
    }
    if (i < n) {
      VectorMask<Float> mask = tail(i, n);
      store(load(v + 4L * i, mask).fma(factor, shift), v + 4L * i, mask);
    }
  }

  /** From [channel, element] to [element, channel]. */
  private static void interleave(long planes, int n, long y) {
    for (int i = 0; i < n; i++) {
      long from = planes + 4L * i;
      long to = y + 4L * CHANNELS * i;
      Native.f32(to, Native.f32(from));
      Native.f32(to + 4, Native.f32(from + 4L * n));
      Native.f32(to + 8, Native.f32(from + 8L * n));
    }
  }
}
