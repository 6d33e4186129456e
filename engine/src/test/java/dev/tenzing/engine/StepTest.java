package dev.tenzing.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.op.Add;
import dev.tenzing.engine.op.FeedForward;
import dev.tenzing.engine.op.LayerNorm;
import dev.tenzing.engine.op.Linear;
import dev.tenzing.engine.op.MeanSquaredError;
import dev.tenzing.engine.op.Scale;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The tape. */
class StepTest {
  private static final Shape SHAPE = Shape.of(1 << 12);
  private static final long BYTES = SHAPE.size() * 4;

  private final Device device = Device.cpu(1);

  @AfterEach
  void close() {
    device.close();
  }

  private Tensor leaf(float value) {
    return device.full(SHAPE, value).requiresGrad();
  }

  @Test
  void gradientsOfABranchingComputationAddUp() {
    Tensor x = device.full(Shape.SCALAR, 1).requiresGrad();
    try (Step step = device.step()) {
      Tensor two = Scale.apply(x, 2);
      Tensor six = Add.apply(Add.apply(two, two), two);
      step.backward(Add.apply(six, x));
    }
    assertEquals(7f, x.grad().item());
  }

  @Test
  void gradientsAccumulateOverStepsUntilTheyAreCleared() {
    Tensor x = device.full(Shape.SCALAR, 1).requiresGrad();
    for (float scale : new float[] {2, 3}) {
      try (Step step = device.step()) {
        step.backward(Scale.apply(x, scale));
      }
    }
    assertEquals(5f, x.grad().item());
    long before = device.memory().current();
    x.clearGrad();
    assertNull(x.grad());
    assertFalse(x.hasGrad());
    assertTrue(device.memory().current() < before, "its memory is free");
    try (Step step = device.step()) {
      step.backward(Scale.apply(x, 7));
    }
    assertEquals(7f, x.grad().item(), "a cleared gradient is overwritten");
    x.close();
    assertEquals(0, device.memory().current(), "a leaf frees its gradient");
  }

  @Test
  void aTakenGradientBelongsToTheCaller() {
    Tensor x = device.full(Shape.SCALAR, 1).requiresGrad();
    assertThrows(IllegalStateException.class, x::takeGrad);
    try (Step step = device.step()) {
      step.backward(Scale.apply(x, 2));
    }
    Tensor taken = x.takeGrad();
    assertFalse(x.hasGrad());
    x.close();
    assertEquals(2f, taken.item());
    taken.close();
    assertEquals(0, device.memory().current());
  }

  @Test
  void backwardFreesActivationsAndGradientsAsItPasses() {
    int depth = 16;
    Tensor x = leaf(1);
    try (Step step = device.step()) {
      Tensor y = x;
      for (int i = 0; i < depth; i++) {
        y = Scale.apply(y, 0.5f);
      }
      long forward = device.memory().current();
      assertEquals((1 + depth) * BYTES, forward);
      device.resetPeakMemory();
      step.backward(y, device.full(SHAPE, 1));
      // The gradients of an operation's output and input at once, beside what is still needed.
      assertEquals(forward + 2 * BYTES, device.memory().peak());
      assertEquals(3 * BYTES, device.memory().current(), "x, its gradient and y");
    }
    assertEquals(2 * BYTES, device.memory().current());
  }

  @Test
  void whatAnOperationSavedIsFreedToo() {
    Tensor x = device.full(Shape.of(32, 16), 0.1f).requiresGrad();
    Tensor weight = device.full(Shape.of(16, 16), 0.1f);
    try (Step step = device.step()) {
      long before = device.memory().current();
      Tensor y = FeedForward.apply(x, weight, null, weight, null, null);
      assertEquals(before + 2 * y.bytes(), device.memory().current(), "the output and before GELU");
      step.backward(y, device.full(y.shape(), 1));
      assertEquals(before + 2 * y.bytes(), device.memory().current(), "the output and a gradient");
    }
  }

  @Test
  void whatIsForgottenIsMadeAgainWhereItIsNeeded() {
    Tensor x = device.tensor(Shape.of(2, 4), 1, 2, 3, 5, -1, 7, 0, 2).requiresGrad();
    Tensor gain = device.full(Shape.of(4), 2).requiresGrad();
    Tensor shift = device.full(Shape.of(4), 0.5f);
    Tensor weight = device.tensor(Shape.of(1, 4), 1, -2, 3, 4).requiresGrad();
    float[][] gradients = new float[2][];
    for (int forgets = 0; forgets < 2; forgets++) {
      try (Step step = device.step()) {
        Tensor normed = LayerNorm.apply(x, gain, shift, 1e-6f);
        Tensor y = Linear.apply(normed, weight, null);
        if (forgets == 1) {
          long before = device.memory().current();
          normed.forget();
          normed.forget();
          assertTrue(device.memory().current() < before);
        }
        step.backward(y, device.full(y.shape(), 1));
      }
      gradients[forgets] = weight.grad().toFloats();
      List.of(x, gain, weight).forEach(Tensor::clearGrad);
    }
    assertArrayEquals(gradients[0], gradients[1]);
    List.of(x, gain, shift, weight).forEach(Tensor::close);
    assertEquals(0, device.memory().current());
  }

  @Test
  void whatNothingCanMakeAgainIsNamed() {
    Tensor x = leaf(1);
    Tensor weight = device.full(Shape.of(4, SHAPE.dim(-1)), 1).requiresGrad();
    try (Step step = device.step()) {
      Tensor middle = Scale.apply(x, 2).named("middle");
      Tensor y = Linear.apply(middle, weight, null);
      middle.forget();
      assertSentence(
          "the tensor " + middle + " was forgotten, and its operation does not make it again",
          () -> step.backward(y, device.full(y.shape(), 1)));
    }
    Tensor outside = Scale.apply(x, 2);
    outside.forget();
    assertThrows(IllegalStateException.class, outside::address, "nothing was recorded");
    Tensor constant = device.full(SHAPE, 1);
    try (Step step = device.step()) {
      Tensor middle = Scale.apply(constant, 2);
      Tensor y = Linear.apply(middle, weight, null);
      middle.forget();
      step.backward(y, device.full(y.shape(), 1));
    }
    assertTrue(weight.hasGrad(), "nothing flows through it, but others need it");
  }

  @Test
  void keptActivationsSurviveBackward() {
    Tensor x = leaf(1);
    Tensor middle;
    try (Step step = device.step()) {
      middle = Scale.apply(x, 2).keep();
      Tensor y = Scale.apply(middle, 3);
      step.backward(y, device.full(SHAPE, 1));
      assertEquals(6f, y.toFloats()[0], "and so does the output itself");
    }
    assertEquals(2f, middle.toFloats()[0]);
  }

  @Test
  void aSecondBackwardIsRefused() {
    Tensor x = device.full(Shape.SCALAR, 1).requiresGrad();
    try (Step step = device.step()) {
      Tensor loss = Scale.apply(x, 2);
      step.backward(loss);
      assertSentence(
          "backward: the tape of [] has been used up by an earlier backward or belongs to another"
              + " step",
          () -> step.backward(loss));
    }
    assertEquals(2f, x.grad().item());
  }

  @Test
  void aTensorOfAnEarlierStepIsRefused() {
    Tensor x = device.full(Shape.SCALAR, 1).requiresGrad();
    Tensor old;
    try (Step step = device.step()) {
      old = Scale.apply(x, 2).keep();
    }
    try (Step step = device.step()) {
      Tensor loss = Scale.apply(old, 2);
      assertSentence(
          "backward: the tape of [] has been used up by an earlier backward or belongs to another"
              + " step",
          () -> step.backward(loss));
    }
  }

  @Test
  void backwardFromTheWrongTensorIsToldInASentence() {
    Tensor x = leaf(1);
    try (Step step = device.step()) {
      Tensor y = Scale.apply(x, 2);
      assertThrows(ShapeException.class, () -> step.backward(y), "not a scalar");
      assertThrows(ShapeException.class, () -> step.backward(y, device.full(Shape.of(3), 1)));
      Tensor constant = device.full(Shape.SCALAR, 1);
      assertSentence(
          "backward: the tensor [] does not depend on anything that requires a gradient",
          () -> step.backward(constant));
    }
  }

  @Test
  void aGradientThroughWhatHasNoneIsRefused() {
    Tensor x = leaf(1);
    try (Step step = device.step()) {
      Tensor part = x.slice(0, 10);
      assertTrue(part.isTracked());
      String message =
          assertThrows(
                  IllegalStateException.class,
                  () -> step.backward(part, device.full(Shape.of(10), 1)))
              .getMessage();
      assertTrue(message.startsWith("slice: a gradient is asked through this operation"), message);
    }
  }

  @Test
  void aTargetThatNeedsAGradientIsRefused() {
    Tensor x = leaf(1);
    Tensor target = leaf(2).named("target");
    try (Step step = device.step()) {
      String message =
          assertThrows(ShapeException.class, () -> MeanSquaredError.apply(x, target)).getMessage();
      assertTrue(message.contains("detach() it"), message);
      step.backward(MeanSquaredError.apply(x, target.detach()));
    }
    assertEquals(-2f / SHAPE.size(), x.grad().toFloats()[0]);
    assertNull(target.grad());
  }

  @Test
  void anInputOfAnOperationMayBeTheResultOfBackward() {
    Tensor x = leaf(1);
    try (Step step = device.step()) {
      step.backward(x, device.full(SHAPE, 3));
    }
    float[] expected = new float[(int) SHAPE.size()];
    Arrays.fill(expected, 3);
    assertArrayEquals(expected, x.grad().toFloats(), "of a leaf by itself");
  }

  private static void assertSentence(String expected, Runnable code) {
    assertEquals(expected, assertThrows(IllegalStateException.class, code::run).getMessage());
  }
}
