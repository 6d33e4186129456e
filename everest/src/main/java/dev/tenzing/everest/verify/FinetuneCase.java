package dev.tenzing.everest.verify;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.op.SoftTargetCrossEntropy;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.nn.Dropping;
import dev.tenzing.nn.loss.LabelSmoothing;
import java.util.Arrays;

/** Replays one fine-tuning step. */
final class FinetuneCase {
  private FinetuneCase() {}

  static FileResult run(ReferenceFile file, Device device) {
    Comparison comparison = new Comparison(file);
    OfficialArguments arguments = new OfficialArguments(file);
    VideoClassifier.Options options = arguments.options();
    try (VideoClassifier model =
        new VideoClassifier(
            arguments.classifier(),
            arguments.clip(),
            options,
            device,
            Rng.seed(0),
            arguments.recompute())) {
      file.load(model.parameters());
      try (Step step = device.step()) {
        Tensor video = file.tensor(device, "input.video");
        Tensor tokens = model.tokens(video).detach();
        comparison.output("output", "tokens", tokens);
        if (options.selection() != null) {
          SelectionCase.finetune(file, comparison, model.grid(), options.selection(), tokens);
        }
        VideoClassifier.Forward forward = model.forward(video, dropping(file, model));
        Tensor loss = loss(file, forward.logits());
        comparison.output("output", "block_input", forward.blockInput());
        comparison.output("output", "block_output", forward.blockOutput());
        comparison.output("output", "features", forward.features());
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

  // Row j of the file's draws belongs to branch j of the blocks that have a rate, two branches a
  // block.
  static Dropping dropping(ReferenceFile file, VideoClassifier model) {
    float[] rates = model.dropRates();
    if (!file.has("input.drop_path")) {
      if (rates[rates.length - 1] > 0) {
        throw new VerifyException(
            "%s cannot be replayed: its model was made with drop_path_rate %s, and its draws are not in the file"
                .formatted(file.path(), model.options().dropPath()));
      }
      return Dropping.NONE;
    }
    float[] draws = file.floats("input.drop_path");
    int batch = (int) file.dim("input.drop_path", 1);
    int withoutRate = 0;
    while (withoutRate < rates.length && rates[withoutRate] == 0) {
      withoutRate++;
    }
    int first = withoutRate;
    return (block, branch, sample) -> draws[(2 * (block - first) + branch) * batch + sample] != 0;
  }

  private static Tensor loss(ReferenceFile file, Tensor logits) {
    String type = String.valueOf(file.value("loss.type"));
    if (type.equals("soft_target_ce")) {
      return SoftTargetCrossEntropy.apply(
          logits, file.tensor(logits.device(), "input.soft_target"));
    }
    if (!type.equals("label_smoothing_ce") && !type.equals("plain_ce")) {
      throw new VerifyException(
          "%s has the loss \"%s\"; there are soft_target_ce, label_smoothing_ce and plain_ce"
              .formatted(file.path(), type));
    }
    int[] labels = Arrays.stream(file.longs("input.labels")).mapToInt(Math::toIntExact).toArray();
    double smoothing = type.equals("label_smoothing_ce") ? file.number("loss.smoothing") : 0;
    return new LabelSmoothing(smoothing).loss(logits, labels);
  }
}
