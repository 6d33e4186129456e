package dev.tenzing.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Checks gradients of a tensor-valued function against central differences of fourth order, along a
 * random direction of its output.
 */
final class FiniteDifferences {
  private static final double H = 1 / 64.0;
  private static final int ELEMENTS = 4;

  private FiniteDifferences() {}

  /**
   * Fails when a gradient is off by more than 0.1 % of the largest element of its tensor.
   *
   * @param leaves what the function depends on, by name; all must receive a gradient
   */
  static void check(Device device, Map<String, Tensor> leaves, Supplier<Tensor> function) {
    float[] direction;
    Map<String, float[]> gradients = new LinkedHashMap<>();
    try (Step step = device.step()) {
      Tensor y = function.get();
      direction = TestDevices.normal(99, y.size());
      step.backward(y, device.tensor(y.shape(), direction));
    }
    leaves.forEach((name, leaf) -> {
      assertTrue(leaf.hasGrad(), name + " has no gradient");
      gradients.put(name, leaf.grad().toFloats());
    });
    leaves.forEach((name, leaf) -> {
      float[] gradient = gradients.get(name);
      double largest = 0;
      for (float g : gradient) {
        largest = Math.max(largest, Math.abs(g));
      }
      assertTrue(largest > 1e-3, name + ": the gradient vanishes, nothing is tested");
      float[] at = leaf.toFloats();
      for (int i = 0; i < at.length; i += Math.max(1, at.length / ELEMENTS)) {
        double slope =
            (8
                        * (along(device, function, direction, leaf, at, i, H)
                            - along(device, function, direction, leaf, at, i, -H))
                    - (along(device, function, direction, leaf, at, i, 2 * H)
                        - along(device, function, direction, leaf, at, i, -2 * H)))
                / (12 * H);
        assertEquals(slope, gradient[i], 1e-3 * largest, name + "[" + i + "]");
      }
      leaf.copyFrom(at);
    });
  }

  private static double along(
      Device device,
      Supplier<Tensor> function,
      float[] direction,
      Tensor leaf,
      float[] at,
      int i,
      double move) {
    float[] moved = at.clone();
    moved[i] += (float) move;
    leaf.copyFrom(moved);
    try (Scope scope = device.scope()) {
      float[] y = function.get().toFloats();
      double sum = 0;
      for (int j = 0; j < y.length; j++) {
        sum += (double) direction[j] * y[j];
      }
      return sum;
    }
  }
}
