package dev.tenzing.engine.cpu.vector;

import static dev.tenzing.engine.cpu.vector.Lanes.D;
import static dev.tenzing.engine.cpu.vector.Lanes.high;
import static dev.tenzing.engine.cpu.vector.Lanes.load;
import static dev.tenzing.engine.cpu.vector.Lanes.low;

import dev.tenzing.engine.host.Native;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums over n contiguous elements, whole vectors first and the few left over one by one. Several
 * accumulators hide the latency of the additions, and keep the rounding error of F32 sums small:
 * each adds up a sixteenth of the elements or less.
 */
public final class Sums {
  private static final VectorSpecies<Float> F = VectorSpec.F;
  private static final int LANES = F.length();

  private Sums() {}

  // Two accumulators and no more: layer norm's forward has both sums inlined, and with more loads
  // in it C2 stops inlining (see VectorMath), at 17 times the time. What is left over, which may be
  // almost two vectors, has a sum of its own: added one by one to the large one it would round
  // more.

  /** Sum of x, in F32. */
  public static float sum(long x, int n) {
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      s0 = s0.add(load(x + 4L * i));
      s1 = s1.add(load(x + 4L * (i + LANES)));
    }
    float rest = 0;
    for (; i < n; i++) {
      rest += Native.f32(x + 4L * i);
    }
    return Lanes.sum(s0.add(s1)) + rest;
  }

  /** Sum of (x - center)^2, in F32. */
  public static float squaredDeviation(long x, float center, int n) {
    FloatVector c = FloatVector.broadcast(F, center);
    FloatVector s0 = FloatVector.zero(F);
    FloatVector s1 = s0;
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      FloatVector d0 = load(x + 4L * i).sub(c);
      FloatVector d1 = load(x + 4L * (i + LANES)).sub(c);
      s0 = d0.fma(d0, s0);
      s1 = d1.fma(d1, s1);
    }
    float rest = 0;
    for (; i < n; i++) {
      float d = Native.f32(x + 4L * i) - center;
      rest += d * d;
    }
    return Lanes.sum(s0.add(s1)) + rest;
  }

  /** Sum of x^2, in double precision. */
  public static double squares(long x, int n) {
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      FloatVector a = load(x + 4L * i);
      FloatVector b = load(x + 4L * (i + LANES));
      DoubleVector v0 = low(a);
      DoubleVector v1 = high(a);
      DoubleVector v2 = low(b);
      DoubleVector v3 = high(b);
      s0 = v0.fma(v0, s0);
      s1 = v1.fma(v1, s1);
      s2 = v2.fma(v2, s2);
      s3 = v3.fma(v3, s3);
    }
    double sum = Lanes.sum(s0.add(s1).add(s2.add(s3)));
    for (; i < n; i++) {
      double v = Native.f32(x + 4L * i);
      sum += v * v;
    }
    return sum;
  }

  /** Sum of x y, in double precision. */
  public static double products(long x, long y, int n) {
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = s0;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector a = load(x + 4L * i);
      FloatVector b = load(y + 4L * i);
      s0 = low(a).fma(low(b), s0);
      s1 = high(a).fma(high(b), s1);
    }
    double sum = Lanes.sum(s0.add(s1));
    for (; i < n; i++) {
      sum += (double) Native.f32(x + 4L * i) * Native.f32(y + 4L * i);
    }
    return sum;
  }

  // Unrolled once more it exceeds what C2 inlines, see VectorMath, and takes 5 times as long.
  /** Sum of (x - y)^2, differences and sum in double precision. */
  public static double squaredDistance(long x, long y, int n) {
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = s0;
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector a = load(x + 4L * i);
      FloatVector b = load(y + 4L * i);
      DoubleVector d0 = low(a).sub(low(b));
      DoubleVector d1 = high(a).sub(high(b));
      s0 = d0.fma(d0, s0);
      s1 = d1.fma(d1, s1);
    }
    double sum = Lanes.sum(s0.add(s1));
    for (; i < n; i++) {
      double d = (double) Native.f32(x + 4L * i) - Native.f32(y + 4L * i);
      sum += d * d;
    }
    return sum;
  }
}
