package dev.tenzing.engine.cpu.vector;

import dev.tenzing.engine.host.Native;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors of {@link VectorSpec#F} in native memory: loads, stores, and sums over the lanes, always
 * in the same order.
 *
 * <p>{@code reduceLanes(ADD)} must not be used for sums: the interpreter adds lane after lane, C2
 * in a tree, and about half of all sums differ in the last bit (JDK 25). A result would then depend
 * on when a method happened to be compiled. Here halves are added to halves by shuffles, which is
 * exact in both. For the same reason {@code lanewise(EXP)} and its kin are not used.
 */
public final class Lanes {
  private static final VectorSpecies<Float> F = VectorSpec.F;

  /** Double lanes in a vector as wide as {@link VectorSpec#F}, so half as many. */
  public static final VectorSpecies<Double> D = VectorSpecies.of(double.class, F.vectorShape());

  private static final VectorShuffle<Float> F8 = exchange(F, 8);
  private static final VectorShuffle<Float> F4 = exchange(F, 4);
  private static final VectorShuffle<Float> F2 = exchange(F, 2);
  private static final VectorShuffle<Float> F1 = exchange(F, 1);
  private static final VectorShuffle<Double> D4 = exchange(D, 4);
  private static final VectorShuffle<Double> D2 = exchange(D, 2);
  private static final VectorShuffle<Double> D1 = exchange(D, 1);

  private Lanes() {}

  /** Lane i of the shuffle is lane i ^ distance. */
  private static <E> VectorShuffle<E> exchange(VectorSpecies<E> species, int distance) {
    return VectorShuffle.fromOp(species, i -> (i ^ distance) & (species.length() - 1));
  }

  /** Sum of the F32 lanes. */
  public static float sum(FloatVector v) {
    FloatVector s = v;
    if (F.length() > 8) {
      s = s.add(s.rearrange(F8));
    }
    if (F.length() > 4) {
      s = s.add(s.rearrange(F4));
    }
    if (F.length() > 2) {
      s = s.add(s.rearrange(F2));
    }
    return s.add(s.rearrange(F1)).lane(0);
  }

  /** Sum of the double lanes. */
  public static double sum(DoubleVector v) {
    DoubleVector s = v;
    if (D.length() > 4) {
      s = s.add(s.rearrange(D4));
    }
    if (D.length() > 2) {
      s = s.add(s.rearrange(D2));
    }
    if (D.length() > 1) {
      s = s.add(s.rearrange(D1));
    }
    return s.lane(0);
  }

  /** The vector at an address. */
  public static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(F, Native.ALL, address, Native.ORDER);
  }

  /** The lanes of the mask at an address; the others are 0 and their memory is not touched. */
  public static FloatVector load(long address, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(F, Native.ALL, address, Native.ORDER, mask);
  }

  public static void store(FloatVector v, long address) {
    v.intoMemorySegment(Native.ALL, address, Native.ORDER);
  }

  /** Writes the lanes of the mask only. */
  public static void store(FloatVector v, long address, VectorMask<Float> mask) {
    v.intoMemorySegment(Native.ALL, address, Native.ORDER, mask);
  }

  /** The lanes that are left of n elements from element {@code from} on. */
  public static VectorMask<Float> tail(int from, int n) {
    return F.indexInRange(from, n);
  }

  /** The lower half of the lanes, as doubles. */
  public static DoubleVector low(FloatVector v) {
    return (DoubleVector) v.convertShape(VectorOperators.F2D, D, 0);
  }

  /** The upper half of the lanes, as doubles. */
  public static DoubleVector high(FloatVector v) {
    return (DoubleVector) v.convertShape(VectorOperators.F2D, D, 1);
  }
}
