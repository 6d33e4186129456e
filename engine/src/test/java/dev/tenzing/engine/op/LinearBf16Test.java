package dev.tenzing.engine.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Precision;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.cuda.StandIns;
import dev.tenzing.engine.profile.KernelWork;
import dev.tenzing.engine.profile.Profile;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The gradients of a linear layer whose products are in BF16 and whose own gradient is in F32. */
@Tag("cuda")
class LinearBf16Test {
  private static final int M = 5;
  private static final int N = 7;
  private static final int K = 6;

  /**
   * Each gradient by itself is made from dy as it comes: by a product that rounds it, or summed.
   */
  @Test
  void gradientsTogetherHaveTheBitsOfEachAlone() {
    float[][] together = gradients(true, true, true, 1);
    assertArrayEquals(gradients(true, false, false, 0)[0], together[0], "x");
    assertArrayEquals(gradients(false, true, false, 0)[1], together[1], "weight");
    assertArrayEquals(gradients(false, false, true, 0)[2], together[2], "bias");
    assertArrayEquals(gradients(false, true, true, 0)[2], together[2], "bias with weight");
  }

  /**
   * Gradients of those that want one.
   *
   * @param casts how often something is rounded before it comes to a product
   */
  private static float[][] gradients(boolean x, boolean weight, boolean bias, int casts) {
    assumeTrue(StandIns.problem().isEmpty(), StandIns::problem);
    try (Device device = new Device(StandIns.backend(Precision.BF16));
        Profile profile = device.profile()) {
      Tensor[] leaves = {
        leaf(device, Shape.of(M, K), 1, x),
        leaf(device, Shape.of(N, K), 2, weight),
        leaf(device, Shape.of(N), 3, bias)
      };
      profile.begin();
      try (Step step = device.step()) {
        Tensor y = Linear.apply(leaves[0], leaves[1], leaves[2]);
        step.backward(y, leaf(device, Shape.of(M, N), 4, false));
      }
      profile.end();
      assertEquals(
          casts,
          profile.kernels().stream()
              .filter(row -> row.kernel().equals("cast"))
              .mapToDouble(KernelWork::calls)
              .sum());
      float[][] gradients = new float[leaves.length][];
      for (int i = 0; i < leaves.length; i++) {
        gradients[i] = leaves[i].hasGrad() ? leaves[i].grad().toFloats() : null;
      }
      return gradients;
    }
  }

  private static Tensor leaf(Device device, Shape shape, long seed, boolean wanted) {
    Random random = new Random(seed);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Tensor tensor = device.tensor(shape, values);
    return wanted ? tensor.requiresGrad() : tensor;
  }
}
