package dev.tenzing.engine.op;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A wrong index is refused before a kernel reads or writes memory that is not the tensor's. */
class IndexRangeTest {
  private final Device device = Device.cpu(1);

  @AfterEach
  void close() {
    device.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 8, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void wrongIndicesAreRefused(int wrong) {
    Tensor x = device.full(Shape.of(1, 8, 3), 1);
    Tensor table = device.full(Shape.of(8, 3), 1);
    Tensor video = device.full(Shape.of(1, 3, 2, 4, 4), 1);
    Tensor index = device.tensor(Shape.of(1, 2), new int[] {0, wrong});
    Tensor token = device.full(Shape.of(3), 1);
    Tensor ids = device.tensor(Shape.of(1, 8), new int[8]);
    float[] ones = {1, 1, 1};
    Map<String, Executable> operations =
        Map.of(
            "gatherTokens", () -> GatherTokens.apply(x, index),
            "addPositions", () -> AddPositions.apply(x.reshape(1, 8, 3), table, wide(wrong)),
            "maskTokens", () -> MaskTokens.apply(token, table, index),
            "takeSorted", () -> TakeSorted.apply(ids, index, 0, 1),
            "patchTargets", () -> PatchTargets.apply(video, index, 1, 2, ones, ones, false));
    operations.forEach((name, operation) -> {
      String message = assertThrows(IndexOutOfBoundsException.class, operation).getMessage();
      assertTrue(message.startsWith(name + ": element "), message);
      assertTrue(message.endsWith("is not in 0..7"), message);
    });
  }

  private Tensor wide(int wrong) {
    return device.tensor(Shape.of(1, 8), new int[] {0, 1, 2, 3, 4, 5, 6, wrong});
  }

  @Test
  void theLastIndexIsAllowed() {
    Tensor x = device.full(Shape.of(1, 8, 3), 1);
    GatherTokens.apply(x, device.tensor(Shape.of(1, 2), new int[] {0, 7}));
  }
}
