package dev.tenzing.engine.meta;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.DType;
import dev.tenzing.engine.Device;
import dev.tenzing.engine.MemoryUsage;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.ShapeException;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.Add;
import dev.tenzing.engine.op.Linear;
import dev.tenzing.engine.op.MeanSquaredError;
import org.junit.jupiter.api.Test;

class MetaBackendTest {
  @Test
  void aStepTakesTheSameBlocksAsOnTheCpu() {
    try (Device cpu = Device.cpu(1);
        Device meta = Device.meta()) {
      assertEquals(memoryOfSteps(cpu), memoryOfSteps(meta));
    }
  }

  private static MemoryUsage memoryOfSteps(Device device) {
    try (Tensor weight = device.persistent(DType.F32, Shape.of(37, 37))) {
      weight.requiresGrad().copyFrom(new float[37 * 37]);
      for (int i = 0; i < 2; i++) {
        try (Step step = device.step()) {
          Tensor x = device.full(Shape.of(11, 37), 1f);
          Tensor y = Add.apply(Linear.apply(Linear.apply(x, weight, null), weight, null), x);
          step.backward(MeanSquaredError.apply(y, x));
        }
      }
      return device.memory();
    }
  }

  @Test
  void terabytesTakeNothing() {
    try (Device meta = Device.meta();
        Tensor huge = meta.zeros(Shape.of(1 << 20, 1 << 20))) {
      assertEquals(4L << 40, huge.bytes());
      assertTrue(meta.memory().current() >= huge.bytes());
    }
  }

  @Test
  void shapesAreCheckedAndValuesCannotBeRead() {
    try (Device meta = Device.meta()) {
      Tensor x = meta.empty(2, 3);
      assertThrows(ShapeException.class, () -> Linear.apply(x, meta.empty(4, 2), null));
      assertThrows(IllegalStateException.class, x::toFloats);
    }
  }
}
