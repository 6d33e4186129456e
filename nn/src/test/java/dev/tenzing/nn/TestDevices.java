package dev.tenzing.nn;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.reference.ReferenceBackend;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/** The back ends that tests run on, and random tensors for them. */
public final class TestDevices {
  private TestDevices() {}

  /** The scalar reference and the CPU's own kernels on two threads. */
  public static Stream<Named<Supplier<Device>>> all() {
    return Stream.of(
        Named.of("reference", TestDevices::reference), Named.of("cpu", () -> Device.cpu(2)));
  }

  /** The scalar reference. */
  public static Device reference() {
    return new Device(new ReferenceBackend());
  }

  /** {@code n} normal values that depend on {@code seed} alone. */
  public static float[] normal(int seed, long n) {
    Rng.Stream draws = Rng.seed(seed).at(0, 0);
    float[] values = new float[Math.toIntExact(n)];
    for (int i = 0; i < values.length; i++) {
      values[i] = draws.nextGaussian();
    }
    return values;
  }

  /** A tensor of {@link #normal} values. */
  public static Tensor normal(Device device, int seed, long... dims) {
    Shape shape = Shape.of(dims);
    return device.tensor(shape, normal(seed, shape.size()));
  }
}
