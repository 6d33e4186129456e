package dev.tenzing.engine.op;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** A tensor that an operation needs and does not get is an error, never an access to address 0. */
class MissingTensorTest {
  @Test
  void aMissingOperandIsAnErrorBeforeAnyKernelRuns() {
    List<BiFunction<Tensor, Tensor, Tensor>> operations =
        List.of(
            SoftTargetCrossEntropy::apply,
            MeanSquaredError::apply,
            Add::apply,
            (x, none) -> KlDivergence.apply(x, none, 1, true),
            (x, none) -> Linear.apply(x, none, null),
            (x, none) -> GatherTokens.apply(x.reshape(1, 2, 3), none),
            (x, none) -> LayerNorm.apply(x, none, none, 1e-6f));
    try (Device device = Device.cpu(1);
        Scope scope = device.scope()) {
      Tensor x = device.zeros(Shape.of(2, 3));
      for (BiFunction<Tensor, Tensor, Tensor> operation : operations) {
        RuntimeException e = assertThrows(RuntimeException.class, () -> operation.apply(x, null));
        assertTrue(e.getMessage() != null && !e.getMessage().isEmpty());
      }
    }
  }
}
