package dev.tenzing.everest.verify;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.KlDivergence;
import dev.tenzing.engine.op.SoftTargetCrossEntropy;
import dev.tenzing.engine.op.Softmax;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.nn.loss.Distillation;
import java.util.function.BinaryOperator;

/** Replays distillation: its losses on given logits, and one step of a student. */
final class DistillationCase {
  private DistillationCase() {}

  static FileResult losses(ReferenceFile file, Device device) {
    Comparison comparison = new Comparison(file);
    float temperature = (float) file.number("temperature");
    Distillation distillation = new Distillation(temperature);
    compare(file, comparison, device, "kl_teacher_student", distillation::loss);
    compare(
        file,
        comparison,
        device,
        "kl_student_teacher",
        (student, teacher) -> KlDivergence.apply(student, teacher, temperature, true));
    compare(
        file,
        comparison,
        device,
        "soft_target_ce",
        (student, teacher) -> SoftTargetCrossEntropy.apply(student, Softmax.apply(teacher)));
    return comparison.result();
  }

  private static void compare(
      ReferenceFile file,
      Comparison comparison,
      Device device,
      String name,
      BinaryOperator<Tensor> criterion) {
    if (!file.has("expect." + name)) {
      return;
    }
    try (Step step = device.step();
        Tensor student = file.tensor(device, "input.student_logits").requiresGrad()) {
      Tensor loss = criterion.apply(student, file.tensor(device, "input.teacher_logits"));
      comparison.output("loss", name, loss);
      step.backward(loss);
      comparison.output("grad", "grad_student." + name, student.grad());
    }
  }

  static FileResult model(ReferenceFile file, Device device) {
    Comparison comparison = new Comparison(file);
    OfficialArguments arguments = new OfficialArguments(file);
    Distillation distillation = new Distillation(file.number("temperature"));
    try (VideoClassifier model =
        new VideoClassifier(
            arguments.classifier(),
            arguments.clip(),
            arguments.options(),
            device,
            Rng.seed(0),
            arguments.recompute())) {
      file.load(model.parameters());
      try (Step step = device.step()) {
        VideoClassifier.Forward forward =
            model.forward(file.tensor(device, "input.video"), FinetuneCase.dropping(file, model));
        Tensor loss =
            distillation.loss(forward.logits(), file.tensor(device, "input.teacher_logits"));
        comparison.output("output", "logits", forward.logits());
        comparison.output("loss", "loss", loss);
        step.backward(loss);
      }
      try (var optimizer =
          comparison.optimizer(device, model.parameters(), model.config().depth())) {
        comparison.gradientsAndUpdate(model.parameters(), optimizer);
      }
    }
    return comparison.result();
  }
}
