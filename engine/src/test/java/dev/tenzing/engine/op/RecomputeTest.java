package dev.tenzing.engine.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecomputeTest {
  private static final int DEPTH = 6;
  private static final int WIDTH = 16;

  private final Device device = Device.cpu(1);
  private final List<Tensor> leaves = new ArrayList<>();

  @AfterEach
  void close() {
    device.close();
  }

  private Tensor random(int seed, long... dims) {
    SplittableRandom random = new SplittableRandom(seed);
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-0.2, 0.2);
    }
    return device.tensor(shape, values);
  }

  private Tensor leaf(int seed, long... dims) {
    Tensor leaf = random(seed, dims).requiresGrad();
    leaves.add(leaf);
    return leaf;
  }

  /** A transformer's MLP with a residual. */
  private UnaryOperator<Tensor> block(int i) {
    Tensor w = leaf(i, WIDTH);
    Tensor b = leaf(i + 1, WIDTH);
    Tensor up = leaf(i + 2, 4 * WIDTH, WIDTH);
    Tensor down = leaf(i + 3, WIDTH, 4 * WIDTH);
    return x -> {
      Tensor normed = LayerNorm.apply(x, w, b, 1e-6f);
      Tensor y = FeedForward.apply(normed, up, null, down, null, x);
      normed.forget();
      return y;
    };
  }

  /** Bits of every gradient, and the peak of memory in the step. */
  private long gradients(boolean recompute, List<float[]> gradients) {
    leaves.clear();
    Tensor input = leaf(99, 2, 96, WIDTH);
    List<UnaryOperator<Tensor>> blocks = new ArrayList<>();
    for (int i = 0; i < DEPTH; i++) {
      blocks.add(block(10 * i));
    }
    device.resetPeakMemory();
    long before = device.memory().current();
    long peak;
    try (Step step = device.step()) {
      Tensor x = input;
      for (UnaryOperator<Tensor> block : blocks) {
        x = recompute ? Recompute.apply(block, x) : block.apply(x);
      }
      step.backward(MeanSquaredError.apply(x, random(7, 2, 96, WIDTH)));
      peak = device.memory().peak() - before;
    }
    for (Tensor leaf : leaves) {
      gradients.add(leaf.grad().toFloats());
      leaf.close();
    }
    assertEquals(0, device.memory().current());
    return peak;
  }

  @Test
  void gradientsHaveTheSameBitsAndThePeakIsLower() {
    List<float[]> plain = new ArrayList<>();
    List<float[]> recomputed = new ArrayList<>();
    long plainPeak = gradients(false, plain);
    long recomputedPeak = gradients(true, recomputed);
    assertEquals(1 + 4 * DEPTH, plain.size());
    for (int i = 0; i < plain.size(); i++) {
      assertArrayEquals(plain.get(i), recomputed.get(i), "gradient " + i);
    }
    assertTrue(
        recomputedPeak < 0.6 * plainPeak,
        "peak %d with and %d without recompute".formatted(recomputedPeak, plainPeak));
  }

  @Test
  void theBlockRunsOnceForwardAndOnceBackward() {
    Tensor x = device.full(Shape.of(3), 1).requiresGrad();
    int[] runs = new int[1];
    try (Step step = device.step()) {
      Tensor y =
          Recompute.apply(
              t -> {
                runs[0]++;
                return Scale.apply(t, 2);
              },
              x);
      assertEquals(1, runs[0]);
      step.backward(y, device.full(y.shape(), 1));
    }
    assertEquals(2, runs[0]);
    try (Scope scope = device.scope()) {
      Recompute.apply(t -> Scale.apply(t, 2), x);
    }
    assertArrayEquals(new float[] {2, 2, 2}, x.grad().toFloats());
  }

  @Test
  void aBlockThatDoesNothingCostsNothing() {
    Tensor x = device.full(Shape.of(3), 1).requiresGrad();
    try (Step step = device.step()) {
      assertSame(x, Recompute.apply(t -> t, x));
    }
  }

  /** Only leaves and x can collect gradients: what else a block uses must not need one. */
  @Test
  void aGradientThatWouldBeLostIsRefused() {
    Tensor x = device.full(Shape.of(3), 1).requiresGrad();
    try (Step step = device.step()) {
      Tensor captured = Scale.apply(x, 2);
      Tensor y = Recompute.apply(t -> Add.apply(t, captured), x);
      assertThrows(IllegalStateException.class, () -> step.backward(y, device.full(y.shape(), 1)));
    }
  }
}
