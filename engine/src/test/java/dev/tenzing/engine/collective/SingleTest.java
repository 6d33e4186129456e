package dev.tenzing.engine.collective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.ShapeException;
import dev.tenzing.engine.Tensor;
import org.junit.jupiter.api.Test;

class SingleTest {
  @Test
  void oneRankHasTheSumAlready() {
    try (Collective alone = new Single();
        Device device = Device.cpu(1);
        Tensor x = device.tensor(Shape.of(2), 1, -2)) {
      assertEquals(0, alone.rank());
      assertEquals(1, alone.size());
      alone.sum(x);
      alone.broadcast(0, x);
      alone.barrier();
      alone.abort("nothing to end");
      assertArrayEquals(new float[] {1, -2}, x.toFloats());
    }
  }

  @Test
  void whatOtherRanksWouldRefuseIsRefused() {
    try (Collective alone = new Single();
        Device device = Device.cpu(1);
        Tensor index = device.tensor(Shape.of(1), new int[] {1})) {
      assertThrows(ShapeException.class, () -> alone.sum(index));
      assertThrows(IllegalArgumentException.class, () -> alone.broadcast(1, index));
    }
  }
}
