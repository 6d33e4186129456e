package dev.tenzing.engine.cpu.rows;

import static dev.tenzing.engine.cpu.vector.Lanes.load;
import static dev.tenzing.engine.cpu.vector.Lanes.store;
import static dev.tenzing.engine.cpu.vector.Lanes.tail;

import dev.tenzing.engine.cpu.vector.Cut;
import dev.tenzing.engine.cpu.vector.VectorSpec;
import dev.tenzing.engine.cpu.vector.WorkerPool;
import dev.tenzing.engine.host.Native;
import dev.tenzing.engine.kernel.VideoKernels;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** From decoded pixels to the input of the patch embedding. */
public final class Videos implements VideoKernels {
  /** Colour channels of a video. */
  public static final int CHANNELS = 3;

  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();
  private static final VectorSpecies<Integer> I = F.withLanes(int.class);
  private static final VectorSpecies<Byte> BYTES = F.withLanes(byte.class);
  private static final VectorShuffle<Byte> RED = channel(0);
  private static final VectorShuffle<Byte> GREEN = channel(1);
  private static final VectorShuffle<Byte> BLUE = channel(2);
  private static final float WHITE = 255f;

  private final WorkerPool pool;

  public Videos(WorkerPool pool) {
    this.pool = pool;
  }

  /** The bytes of one channel of each pixel in the first lanes. */
  private static VectorShuffle<Byte> channel(int c) {
    return VectorShuffle.fromOp(BYTES, i -> i < LANES ? CHANNELS * i + c : 0);
  }

  /** Each element is {@code level / 255 * scale[c] + shift[c]}, every step rounded to F32. */
  @Override
  public void normalize(NormalizeVideo call) {
    long x = call.x().address();
    long y = call.y().address();
    int B = call.B();
    int T = call.T();
    int H = call.H();
    int W = call.W();
    float[] scale = call.scale();
    float[] shift = call.shift();
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
            normalizeFrame(from, to, plane, pixels, scale, shift);
          }
        });
  }

  /** Picks the three channels of as many pixels as there are lanes out of one vector of bytes. */
  private static void normalizeFrame(
      long x, long y, long plane, int pixels, float[] scale, float[] shift) {
    float redScale = scale[0];
    float greenScale = scale[1];
    float blueScale = scale[2];
    float redShift = shift[0];
    float greenShift = shift[1];
    float blueShift = shift[2];
    int i = 0;
    // The vector is longer than its pixels and must not reach beyond the frame.
    for (; CHANNELS * (pixels - i) >= BYTES.length(); i += LANES) {
      ByteVector levels =
          ByteVector.fromMemorySegment(BYTES, Native.ALL, x + (long) CHANNELS * i, Native.ORDER);
      long to = y + 4L * i;
      store(scaled(levels.rearrange(RED), redScale, redShift), to);
      store(scaled(levels.rearrange(GREEN), greenScale, greenShift), to + plane);
      store(scaled(levels.rearrange(BLUE), blueScale, blueShift), to + 2 * plane);
    }
    for (; i < pixels; i++) {
      long from = x + (long) CHANNELS * i;
      long to = y + 4L * i;
      Native.f32(to, Native.u8(from) / WHITE * redScale + redShift);
      Native.f32(to + plane, Native.u8(from + 1) / WHITE * greenScale + greenShift);
      Native.f32(to + 2 * plane, Native.u8(from + 2) / WHITE * blueScale + blueShift);
    }
  }

  private static FloatVector scaled(ByteVector levels, float scale, float shift) {
    IntVector level = (IntVector) levels.convertShape(VectorOperators.ZERO_EXTEND_B2I, I, 0);
    FloatVector value = (FloatVector) level.convert(VectorOperators.I2F, 0);
    return value.div(WHITE).mul(scale).add(shift);
  }

  /**
   * A task makes the tokens of rows of patches: it reads the video's lines from end to end, and the
   * tokens that it writes fit the second-level cache.
   */
  @Override
  public void patchify(Patchify call) {
    long video = call.video().address();
    long y = call.y().address();
    int B = call.cubes().B();
    int T = call.cubes().T();
    int H = call.cubes().H();
    int W = call.cubes().W();
    int t = call.cubes().t();
    int p = call.cubes().p();
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
