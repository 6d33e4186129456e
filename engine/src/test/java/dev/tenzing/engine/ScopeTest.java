package dev.tenzing.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.op.Scale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private static final Shape SHAPE = Shape.of(1000);

  private final Device device = Device.cpu(1);

  @AfterEach
  void close() {
    device.close();
  }

  @Test
  void aScopeGivesBackWhatWasMadeInIt() {
    Tensor outside = device.zeros(SHAPE);
    long before = device.memory().current();
    Tensor inside;
    try (Scope scope = device.scope()) {
      inside = Scale.apply(device.zeros(SHAPE), 2);
      inside.reshape(10, 100).slice(2, 3);
      try (Scope inner = device.scope()) {
        device.zeros(SHAPE);
      }
    }
    assertEquals(before, device.memory().current());
    assertThrows(IllegalStateException.class, inside::toFloats);
    outside.toFloats();
    outside.close();
    assertEquals(0, device.memory().current());
  }

  @Test
  void aScopeGivesBackEvenWhenItsBodyFails() {
    assertThrows(
        ShapeException.class,
        () -> {
          try (Scope scope = device.scope()) {
            device.zeros(SHAPE).reshape(7);
          }
        });
    assertEquals(0, device.memory().current());
    assertFalse(device.records(device.zeros(SHAPE).requiresGrad()), "no scope is left open");
  }

  @Test
  void keptTensorsLiveUntilTheyAreClosed() {
    Tensor kept;
    try (Step step = device.step()) {
      kept = Scale.apply(device.full(SHAPE, 3), 2).keep();
    }
    assertEquals(6f, kept.toFloats()[0]);
    kept.close();
    assertEquals(0, device.memory().current());
  }

  @Test
  void escapedTensorsBelongToTheScopeAround() {
    Tensor free;
    try (Scope outer = device.scope()) {
      Tensor escaped;
      try (Scope inner = device.scope()) {
        escaped = inner.escape(device.full(SHAPE, 3));
        device.zeros(SHAPE);
      }
      assertEquals(3f, escaped.toFloats()[0]);
      free = outer.escape(escaped);
    }
    assertEquals(3f, free.toFloats()[0], "the outermost scope hands over to the caller");
    free.close();
    assertEquals(0, device.memory().current());
  }

  @Test
  void anotherScopesTensorDoesNotEscape() {
    try (Scope outer = device.scope()) {
      Tensor mine = device.zeros(SHAPE);
      try (Scope inner = device.scope()) {
        inner.escape(mine);
      }
      mine.toFloats();
    }
    assertEquals(0, device.memory().current());
  }

  @Test
  void aPlainScopeInsideAStepRecordsNothing() {
    Tensor x = device.full(SHAPE, 1).requiresGrad();
    try (Step step = device.step()) {
      assertTrue(Scale.apply(x, 2).isTracked());
      try (Scope scope = device.scope()) {
        assertFalse(Scale.apply(x, 2).isTracked());
      }
      assertTrue(Scale.apply(x, 2).isTracked());
    }
    assertFalse(Scale.apply(x, 2).isTracked(), "outside a step nothing is recorded either");
  }

  @Test
  void whatNeedsNoGradientIsNotRecorded() {
    try (Step step = device.step()) {
      assertFalse(Scale.apply(device.zeros(SHAPE), 2).isTracked());
    }
  }

  @Test
  void scopesCloseInsideOut() {
    Scope outer = device.scope();
    Scope inner = device.scope();
    String message = assertThrows(IllegalStateException.class, outer::close).getMessage();
    assertTrue(message.contains("try-with-resources"), message);
    inner.close();
    inner.close();
    outer.close();
  }
}
