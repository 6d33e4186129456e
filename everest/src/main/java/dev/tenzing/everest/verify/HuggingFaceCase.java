package dev.tenzing.everest.verify;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.checkpoint.HuggingFaceConfig;
import dev.tenzing.everest.checkpoint.HuggingFaceNames;
import dev.tenzing.everest.checkpoint.ModelKind;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Models;
import dev.tenzing.everest.masking.TokenPlan;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.nn.Dropping;
import dev.tenzing.nn.loss.LabelSmoothing;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Replays one forward and backward pass of Hugging Face's VideoMAE, whose tensors keep its names.
 */
final class HuggingFaceCase {
  private HuggingFaceCase() {}

  static FileResult pretrain(ReferenceFile file, Device device) {
    Comparison comparison = new Comparison(file);
    ModelDescription about = description(file, ModelKind.PRETRAINING);
    boolean normalizes = about.pretraining().orElseThrow().normalizeTargets();
    try (MaskedAutoencoder model = Models.autoencoder(about, device, Rng.seed(0), false)) {
      file.load(model.parameters(), HuggingFaceNames::toOfficial);
      try (Step step = device.step()) {
        Tensor video = file.tensor(device, "input.video");
        TokenPlan plan = file.plan(device, model.grid());
        MaskedAutoencoder.Forward forward = model.forward(video, plan);
        Tensor labels = model.targets(video, plan, normalizes);
        Tensor loss = MaskedAutoencoder.loss(forward.output(), labels, plan);
        comparison.output("output", "tokens", model.tokens(video).detach());
        comparison.output("output", "latent", forward.latent());
        comparison.output("output", "output", forward.output());
        comparison.output("output", "labels", labels);
        comparison.output("loss", "loss", loss);
        step.backward(loss);
      }
      gradients(file, comparison, model.parameters());
    }
    return comparison.result();
  }

  static FileResult classify(ReferenceFile file, Device device) {
    Comparison comparison = new Comparison(file);
    ModelDescription about = description(file, ModelKind.CLASSIFIER);
    try (VideoClassifier model = Models.classifier(about, device, Rng.seed(0), false)) {
      file.load(model.parameters(), HuggingFaceNames::toOfficial);
      try (Step step = device.step()) {
        Tensor video = file.tensor(device, "input.video");
        VideoClassifier.Forward forward = model.forward(video, Dropping.NONE);
        int[] labels =
            Arrays.stream(file.longs("input.labels")).mapToInt(Math::toIntExact).toArray();
        Tensor loss = new LabelSmoothing(0).loss(forward.logits(), labels);
        comparison.output("output", "tokens", model.tokens(video).detach());
        comparison.output("output", "features", forward.features());
        comparison.output("output", "logits", forward.logits());
        comparison.output("loss", "loss", loss);
        step.backward(loss);
      }
      gradients(file, comparison, model.parameters());
    }
    return comparison.result();
  }

  private static ModelDescription description(ReferenceFile file, ModelKind kind) {
    Map<String, Object> config = new LinkedHashMap<>();
    if (file.value("hf_config_full") instanceof Map<?, ?> all) {
      all.forEach((key, value) -> config.put(String.valueOf(key), value));
    }
    int classes = kind == ModelKind.CLASSIFIER ? (int) file.dim("param.classifier.weight", 0) : 0;
    return new HuggingFaceConfig(config, file.path().toString()).description(kind, classes);
  }

  private static void gradients(
      ReferenceFile file, Comparison comparison, Map<String, Tensor> parameters) {
    parameters.forEach((name, parameter) -> {
      List<String> theirs = HuggingFaceNames.theirs(name);
      float[] gradient = parameter.hasGrad() ? parameter.grad().toFloats() : new float[0];
      int part = gradient.length / theirs.size();
      for (int i = 0; i < theirs.size(); i++) {
        String reference = "grad." + theirs.get(i);
        if (file.has(reference) || gradient.length > 0) {
          comparison.gradient(reference, Arrays.copyOfRange(gradient, i * part, (i + 1) * part));
        }
      }
    });
  }
}
