package dev.tenzing.everest.verify;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Step;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.masking.TokenPlan;
import dev.tenzing.everest.model.MaskedAutoencoder;

/** Replays one pre-training step of EVEREST, VideoMAE or VideoMAE V2. */
final class PretrainCase {
  private PretrainCase() {}

  static FileResult run(ReferenceFile file, Device device) {
    Comparison comparison = new Comparison(file);
    OfficialArguments arguments = new OfficialArguments(file);
    try (MaskedAutoencoder model =
        new MaskedAutoencoder(
            arguments.pretraining(),
            arguments.clip(),
            device,
            Rng.seed(0),
            arguments.recompute())) {
      file.load(model.parameters());
      try (Step step = device.step()) {
        Tensor video = file.tensor(device, "input.video");
        comparison.output("output", "tokens", model.tokens(video).detach());
        TokenPlan plan = plan(file, model, comparison, video);
        MaskedAutoencoder.Forward forward = model.forward(video, plan);
        Tensor labels = model.targets(video, plan, file.isSet("engine.normlize_target"));
        Tensor loss = MaskedAutoencoder.loss(forward.output(), labels, plan);
        comparison.output("output", "latent", forward.latent());
        comparison.output("output", "projected", forward.projected());
        comparison.output("output", "output", forward.output());
        comparison.output("output", "labels", labels);
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

  private static TokenPlan plan(
      ReferenceFile file, MaskedAutoencoder model, Comparison comparison, Tensor video) {
    if (file.has("input.mask")) {
      return file.plan(video.device(), model.grid());
    }
    return SelectionCase.pretrain(
        file,
        comparison,
        model.grid(),
        SelectionCase.masking(file, "kwargs.motion_centric_masking_ratio", "kwargs.masking_ratio"),
        model.tokens(video));
  }
}
