package dev.tenzing.nn.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Scope;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.Safetensors;
import dev.tenzing.engine.op.SoftTargetCrossEntropy;
import dev.tenzing.engine.op.Softmax;
import dev.tenzing.nn.TestDevices;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Classification losses against their formulas and against PyTorch. */
class LabelSmoothingTest {
  private static final int B = 3;
  private static final int K = 5;
  private static final int[] LABELS = {4, 0, 2};

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.2})
  void isTheMixtureOfTwoLosses(double smoothing) {
    float[] logits = TestDevices.normal(1, B * K);
    double expected = 0;
    double[] gradient = new double[B * K];
    for (int b = 0; b < B; b++) {
      double total = 0;
      for (int k = 0; k < K; k++) {
        total += Math.exp(logits[b * K + k]);
      }
      double mean = 0;
      for (int k = 0; k < K; k++) {
        mean += (Math.log(total) - logits[b * K + k]) / K;
        double target = (k == LABELS[b] ? 1 - smoothing : 0) + smoothing / K;
        gradient[b * K + k] = (Math.exp(logits[b * K + k]) / total - target) / B;
      }
      double nll = Math.log(total) - logits[b * K + LABELS[b]];
      expected += ((1 - smoothing) * nll + smoothing * mean) / B;
    }
    try (Device device = TestDevices.reference();
        Step step = device.step()) {
      Tensor x = TestDevices.normal(device, 1, B, K).requiresGrad();
      Tensor loss = new LabelSmoothing(smoothing).loss(x, LABELS);
      assertEquals(expected, loss.item(), 1e-6);
      step.backward(loss);
      float[] dx = x.grad().toFloats();
      for (int i = 0; i < dx.length; i++) {
        assertEquals(gradient[i], dx[i], 1e-7);
      }
    }
  }

  /** Reference: timm's {@code mixup_target} and {@code SoftTargetCrossEntropy} on PyTorch 2.13. */
  @Test
  void mixedClipsHaveMixedTargets() {
    try (Device device = TestDevices.reference();
        Scope scope = device.scope()) {
      float[] values = {0.5f, -1, 2, 0, 1, 0.25f, -0.75f, 3, 0, 0, 0, 1};
      Tensor logits = device.tensor(Shape.of(3, 4), values);
      Tensor loss =
          new LabelSmoothing(0.1)
              .mixedLoss(
                  logits, new int[] {2, 0, 3}, new int[] {3, 0, 2}, new float[] {0.7f, 1, 0.25f});
      assertEquals(1.5840486288070679, loss.item(), 1e-6);
    }
  }

  @Test
  void refusesALabelThatIsNoClass() {
    try (Device device = TestDevices.reference();
        Scope scope = device.scope()) {
      Tensor logits = TestDevices.normal(device, 1, B, K);
      var error =
          assertThrows(
              IllegalArgumentException.class,
              () -> new LabelSmoothing(0.1).loss(logits, new int[] {0, 5, 1}));
      assertEquals("label 5 is outside 0 to 4", error.getMessage());
    }
  }

  @Test
  void refusesASmoothingThatLeavesNoLabel() {
    assertThrows(IllegalArgumentException.class, () -> new LabelSmoothing(1));
    assertThrows(IllegalArgumentException.class, () -> new LabelSmoothing(Double.NaN));
  }

  @ParameterizedTest
  @MethodSource("dev.tenzing.nn.TestDevices#all")
  void softTargetsMatchPyTorch(Supplier<Device> supplier) throws Exception {
    Path path = Path.of(LabelSmoothingTest.class.getResource("distill-loss-1.safetensors").toURI());
    try (Safetensors file = Safetensors.open(path);
        Device device = supplier.get();
        Step step = device.step()) {
      Tensor student = file.toTensor(device, "input.student_logits").requiresGrad();
      Tensor teacher = Softmax.apply(file.toTensor(device, "input.teacher_logits"));
      Tensor loss = SoftTargetCrossEntropy.apply(student, teacher);
      double expected = file.toDoubles("expect64.soft_target_ce")[0];
      assertEquals(expected, loss.item(), 1e-6 * expected);
      step.backward(loss);
      float[] gradient = student.grad().toFloats();
      double[] wanted = file.toDoubles("expect64.grad_student.soft_target_ce");
      for (int i = 0; i < gradient.length; i++) {
        assertEquals(wanted[i], gradient[i], 3e-7);
      }
    }
  }
}
