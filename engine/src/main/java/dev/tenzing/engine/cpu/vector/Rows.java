package dev.tenzing.engine.cpu.vector;

import static dev.tenzing.engine.cpu.vector.Lanes.load;
import static dev.tenzing.engine.cpu.vector.Lanes.store;
import static dev.tenzing.engine.cpu.vector.Lanes.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Single rows of C elements, on the calling thread. */
public final class Rows {
  private static final int LANES = VectorSpec.F.length();

  private Rows() {}

  /** {@code y = x}. */
  public static void copy(long x, long y, int C) {
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      store(load(x + 4L * c), y + 4L * c);
    }
    if (c < C) {
      VectorMask<Float> mask = tail(c, C);
      store(load(x + 4L * c, mask), y + 4L * c, mask);
    }
  }

  /** {@code y = a + b}; y may be a or b. */
  public static void add(long a, long b, long y, int C) {
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      store(load(a + 4L * c).add(load(b + 4L * c)), y + 4L * c);
    }
    if (c < C) {
      VectorMask<Float> mask = tail(c, C);
      store(load(a + 4L * c, mask).add(load(b + 4L * c, mask)), y + 4L * c, mask);
    }
  }

  /** {@code y = value}. */
  public static void fill(long y, float value, int C) {
    FloatVector v = FloatVector.broadcast(VectorSpec.F, value);
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      store(v, y + 4L * c);
    }
    if (c < C) {
      store(v, y + 4L * c, tail(c, C));
    }
  }

  /** {@code y = x / divisor}; y may be x. */
  public static void divide(long x, float divisor, long y, int C) {
    int c = 0;
    for (; c <= C - LANES; c += LANES) {
      store(load(x + 4L * c).div(divisor), y + 4L * c);
    }
    if (c < C) {
      VectorMask<Float> mask = tail(c, C);
      store(load(x + 4L * c, mask).div(divisor), y + 4L * c, mask);
    }
  }
}
