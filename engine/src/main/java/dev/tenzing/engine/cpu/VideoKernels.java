package dev.tenzing.engine.cpu;

import static dev.tenzing.engine.cpu.Lanes.load;
import static dev.tenzing.engine.cpu.Lanes.store;
import static dev.tenzing.engine.cpu.Lanes.tail;

import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** From decoded pixels to the input of the patch embedding. */
final class VideoKernels {
  /** Colour channels of a video. */
  static final int CHANNELS = 3;

  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();
  private static final int LEVELS = 256;

  private final WorkerPool pool;

  VideoKernels(WorkerPool pool) {
    this.pool = pool;
  }

  /** Every level of every channel is computed once; a pixel is then three table look-ups. */
  void normalize(long x, long y, int B, int T, int H, int W, float[] scale, float[] shift) {
    float[][] table = new float[CHANNELS][LEVELS];
    for (int c = 0; c < CHANNELS; c++) {
      for (int level = 0; level < LEVELS; level++) {
        table[c][level] = level / 255f * scale[c] + shift[c];
      }
    }
    int pixels = H * W;
    long plane = 4L * T * pixels;
    int all = B * T;
    int frames = Cut.rows((long) CHANNELS * pixels);
    pool.run(
        Cut.tasks(all, frames),
        (task, worker) -> {
          int end = (int) Math.min(all, (task + 1L) * frames);
          for (int frame = task * frames; frame < end; frame++) {
            long from = x + (long) CHANNELS * frame * pixels;
            long to = y + (long) frame / T * CHANNELS * plane + 4L * (frame % T) * pixels;
            normalizeFrame(from, to, plane, pixels, table[0], table[1], table[2]);
          }
        });
  }

  private static void normalizeFrame(
      long x, long y, long plane, int pixels, float[] red, float[] green, float[] blue) {
    for (int i = 0; i < pixels; i++) {
      long from = x + (long) CHANNELS * i;
      long to = y + 4L * i;
      Native.f32(to, red[Native.u8(from)]);
      Native.f32(to + plane, green[Native.u8(from + 1)]);
      Native.f32(to + 2 * plane, blue[Native.u8(from + 2)]);
    }
  }

  /**
   * A task makes the tokens of rows of patches: it reads the video's lines from end to end, and the
   * tokens that it writes fit the second-level cache.
   */
  void patchify(long video, long y, int B, int T, int H, int W, int t, int p) {
    int slots = T / t;
    int down = H / p;
    int across = W / p;
    int size = CHANNELS * t * p * p;
    int all = B * slots * down;
    int group = Cut.rows((long) across * size);
    pool.run(
        Cut.tasks(all, group),
        (task, worker) -> {
          int end = (int) Math.min(all, (task + 1L) * group);
          for (int i = task * group; i < end; i++) {
            int row = i % down;
            int slot = i / down % slots;
            int b = i / down / slots;
            long tokens = y + 4L * i * across * size;
            for (int channel = 0; channel < CHANNELS; channel++) {
              for (int f = 0; f < t; f++) {
                long frame = ((long) b * CHANNELS + channel) * T + (long) slot * t + f;
                for (int line = 0; line < p; line++) {
                  long from = video + 4 * ((frame * H + (long) row * p + line) * W);
                  long to = tokens + 4L * ((channel * t + f) * p + line) * p;
                  deal(from, to, across, p, 4L * size);
                }
              }
            }
          }
        });
  }

  /** Writes consecutive pieces of p pixels {@code stride} bytes apart. */
  private static void deal(long from, long to, int pieces, int p, long stride) {
    int whole = F.loopBound(p);
    VectorMask<Float> rest = tail(whole, p);
    for (int piece = 0; piece < pieces; piece++) {
      long source = from + 4L * piece * p;
      long target = to + piece * stride;
      for (int i = 0; i < whole; i += LANES) {
        store(load(source + 4L * i), target + 4L * i);
      }
      if (whole < p) {
        store(load(source + 4L * whole, rest), target + 4L * whole, rest);
      }
    }
  }
}
