package dev.tenzing.nn.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.nn.TestDevices;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Distillation; values of PyTorch are replayed by the verifier's test. */
class DistillationTest {
  @ParameterizedTest
  @MethodSource("dev.tenzing.nn.TestDevices#all")
  void aStudentLikeItsTeacherHasNothingToLearn(Supplier<Device> supplier) {
    try (Device device = supplier.get();
        Step step = device.step()) {
      Tensor student = TestDevices.normal(device, 1, 3, 5).requiresGrad();
      Tensor loss = new Distillation(2).loss(student, TestDevices.normal(device, 1, 3, 5));
      assertEquals(0, loss.item(), 1e-9);
      step.backward(loss);
      for (float g : student.grad().toFloats()) {
        assertEquals(0, g, 1e-9);
      }
    }
  }

  @Test
  void refusesATemperatureThatIsNotPositive() {
    var error = assertThrows(IllegalArgumentException.class, () -> new Distillation(0));
    assertEquals("the temperature of distillation must be above 0, got 0.0", error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Distillation(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> new Distillation(Double.POSITIVE_INFINITY));
  }
}
