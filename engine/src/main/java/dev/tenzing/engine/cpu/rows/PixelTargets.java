package dev.tenzing.engine.cpu.rows;

import static dev.tenzing.engine.cpu.rows.Videos.CHANNELS;
import static dev.tenzing.engine.cpu.vector.Lanes.load;
import static dev.tenzing.engine.cpu.vector.Lanes.store;
import static dev.tenzing.engine.cpu.vector.Lanes.tail;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.Sums;
import dev.tenzing.engine.cpu.vector.VectorSpec;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.PatchTargetKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The pixels that a masked autoencoder predicts, normalised per patch and channel (He et al., 2022,
 * section 4.1; Tong et al., 2022).
 *
 * <p>Nearly flat patches are common, and dividing by their small deviation magnifies every rounding
 * error of the mean. So each channel is first shifted by its own first pixel: differences of close
 * floats are exact, and what follows rounds relative to the spread and not to the brightness.
 */
public final class PixelTargets implements PatchTargetKernels {
  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();
  private static final double EPSILON = 1e-6;

  // Three vectors of one channel each become three of all channels.
  private static final VectorShuffle<Float> PLACE_0 = place(0);
  private static final VectorShuffle<Float> PLACE_1 = place(1);
  private static final VectorShuffle<Float> PLACE_2 = place(2);
  private static final VectorMask<Float> B_0 = lanes(1, 0);
  private static final VectorMask<Float> B_1 = lanes(1, 1);
  private static final VectorMask<Float> B_2 = lanes(1, 2);
  private static final VectorMask<Float> C_0 = lanes(2, 0);
  private static final VectorMask<Float> C_1 = lanes(2, 1);
  private static final VectorMask<Float> C_2 = lanes(2, 2);

  private final WorkerPool pool;

  public PixelTargets(WorkerPool pool) {
    this.pool = pool;
  }

  @Override
  public void forward(PatchTargets call) {
    long video = call.video().address();
    long index = call.index().address();
    long y = call.y().address();
    int B = call.cubes().B();
    int T = call.cubes().T();
    int H = call.cubes().H();
    int W = call.cubes().W();
    int t = call.cubes().t();
    int p = call.cubes().p();
    int M = call.M();
    float[] mean = call.mean();
    float[] std = call.std();
    boolean normalize = call.normalize();
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
                // The mean drops out, and std but for epsilon.
                float center = Sums.sum(plane, n) / n;
                double variance = (double) Sums.squaredDeviation(plane, center, n) / (n - 1);
                double deviation = std[c] * Math.sqrt(variance);
                affine(plane, n, center, (float) (std[c] / (deviation + EPSILON)), 0);
              } else {
                collect(corner, H, W, t, p, 0, plane);
                affine(plane, n, 0, std[c], mean[c]);
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

  /** {@code v = (v - center) factor + offset}. */
  private static void affine(long v, int n, float center, float factor, float offset) {
    FloatVector centers = FloatVector.broadcast(F, center);
    FloatVector factors = FloatVector.broadcast(F, factor);
    FloatVector offsets = FloatVector.broadcast(F, offset);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      store(load(v + 4L * i).sub(centers).fma(factors, offsets), v + 4L * i);
    }
    for (; i < n; i++) {
      Native.f32(v + 4L * i, Math.fma(Native.f32(v + 4L * i) - center, factor, offset));
    }
  }

  /** From [channel, element] to [element, channel]. */
  private static void interleave(long planes, int n, long y) {
    int whole = F.loopBound(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector a = load(planes + 4L * i);
      FloatVector b = load(planes + 4L * (n + i));
      FloatVector c = load(planes + 4L * (2 * n + i));
      long to = y + 4L * CHANNELS * i;
      store(
          a.rearrange(PLACE_0).blend(b.rearrange(PLACE_0), B_0).blend(c.rearrange(PLACE_0), C_0),
          to);
      to += 4L * LANES;
      store(
          a.rearrange(PLACE_1).blend(b.rearrange(PLACE_1), B_1).blend(c.rearrange(PLACE_1), C_1),
          to);
      to += 4L * LANES;
      store(
          a.rearrange(PLACE_2).blend(b.rearrange(PLACE_2), B_2).blend(c.rearrange(PLACE_2), C_2),
          to);
    }
    for (int i = whole; i < n; i++) {
      for (int channel = 0; channel < CHANNELS; channel++) {
        Native.f32(y + 4L * (CHANNELS * i + channel), Native.f32(planes + 4L * (channel * n + i)));
      }
    }
  }

  /** Elements whose channels the part-th vector of interleaved elements holds. */
  private static VectorShuffle<Float> place(int part) {
    return VectorShuffle.fromOp(F, lane -> (part * LANES + lane) / CHANNELS);
  }

  /** Lanes of the part-th vector of interleaved elements that hold a channel. */
  private static VectorMask<Float> lanes(int channel, int part) {
    boolean[] held = new boolean[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      held[lane] = (part * LANES + lane) % CHANNELS == channel;
    }
    return VectorMask.fromArray(F, held, 0);
  }
}
