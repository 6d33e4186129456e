package dev.tenzing.engine.cpu.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The one vector width of the CPU kernels: the widest that the machine prefers, or the width in
 * bits that the system property {@code tenzing.vector.bits} asks for (64, 128, 256 or 512), so that
 * tests can run the narrow code on a wide machine.
 */
public final class VectorSpec {
  /** Lanes are F32; a constant, because C2 compiles vector code only for a constant species. */
  public static final VectorSpecies<Float> F = species(System.getProperty("tenzing.vector.bits"));

  private VectorSpec() {}

  private static VectorSpecies<Float> species(String bits) {
    if (bits == null) {
      return FloatVector.SPECIES_PREFERRED;
    }
    return switch (bits) {
      case "64", "128", "256", "512" ->
          VectorShape.forBitSize(Integer.parseInt(bits)).withLanes(float.class);
      default ->
          throw new IllegalArgumentException(
              "tenzing.vector.bits must be 64, 128, 256 or 512, got " + bits);
    };
  }
}
