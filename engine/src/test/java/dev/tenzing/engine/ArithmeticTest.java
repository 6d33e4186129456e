package dev.tenzing.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ArithmeticTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void close() {
    device.close();
  }

  @Test
  void readsLikeItsFormula() {
    try (Step step = device.step()) {
      Tensor x = device.tensor(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
      Tensor w = device.tensor(Shape.of(3, 2), 1, 0, 0, -1, 1, -1).requiresGrad();
      Tensor b = device.tensor(Shape.of(2), 0.5f, 2).requiresGrad();
      Tensor y = x.matmul(w).add(b).relu();
      assertArrayEquals(new float[] {4.5f, 0, 10.5f, 0}, y.toFloats());
      step.backward(y.mean(0).sum(0));
      assertArrayEquals(new float[] {2.5f, 0, 3.5f, 0, 4.5f, 0}, w.grad().toFloats());
      assertArrayEquals(new float[] {1, 0}, b.grad().toFloats());
    }
  }

  @Test
  void dimensionsAreExchangedAndSelected() {
    try (Scope scope = device.scope()) {
      Tensor x = device.tensor(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
      Tensor t = x.transpose();
      assertEquals(Shape.of(3, 2), t.shape());
      assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, t.toFloats());
      Tensor picked = x.indexSelect(1, device.tensor(Shape.of(2), new int[] {2, 0}));
      assertArrayEquals(new float[] {3, 1, 6, 4}, picked.toFloats());
      assertArrayEquals(new float[] {3, 6}, x.max(-1).toFloats());
      assertArrayEquals(new float[] {-3, -5, -7}, x.sub(x.mul(x)).div(x).sum(0).toFloats(), 1e-5f);
    }
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    try (Scope scope = device.scope()) {
      Tensor x = device.zeros(Shape.of(2, 3));
      refused("add: shapes do not fit, a=[2,3] b=[2]", () -> x.add(device.zeros(Shape.of(2))));
      refused("mul: shapes do not fit", () -> x.mul(device.zeros(Shape.of(1, 1, 3))));
      refused("matmul: shapes do not fit, a=[2,3] b=[2,3]", () -> x.matmul(x));
      refused("permute: an order of the dimensions of [2,3]", () -> x.permute(0, 0));
      refused("sum: [2,3] has no dimension 2", () -> x.sum(2));
      refused("transpose: [3]", () -> x.sum(0).transpose());
    }
  }

  private static void refused(String reason, Runnable call) {
    ShapeException e = assertThrows(ShapeException.class, call::run);
    assertTrue(e.getMessage().contains(reason), e::toString);
  }
}
