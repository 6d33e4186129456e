package dev.tenzing.everest.task.pretraining;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Models;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.frames.ClipInput;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.masking.TokenPlan;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.training.TrainingTask;
import dev.tenzing.nn.optim.AdamW;
import dev.tenzing.nn.optim.ParameterGroups;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Masked pre-training: predict the pixels of hidden tokens. */
public final class PretrainTask implements TrainingTask<NoTargets>, AutoCloseable {
  private final MaskedAutoencoder model;
  private final ModelDescription description;
  private final Pretraining pretraining;
  private final Masking masking;
  private final ClipInput input;
  private final AdamW optimizer;

  /** Trains {@code model} as its description says. */
  public PretrainTask(
      MaskedAutoencoder model, ModelDescription description, Hyper hyper, Device device) {
    this.model = model;
    this.description = description;
    this.pretraining = description.pretraining().orElseThrow();
    this.input = description.input(model::tokens);
    this.masking = pretraining.masking();
    this.optimizer = new AdamW(device, model.parameters(), ParameterGroups.flat(), hyper.adamW());
  }

  /** The task of a new model, optimised as by the official code but for a change. */
  public static PretrainTask official(
      ModelDescription description,
      UnaryOperator<Hyper> change,
      Device device,
      Rng rng,
      boolean recompute) {
    return new PretrainTask(
        Models.autoencoder(description, device, rng, recompute),
        description,
        change.apply(Hyper.pretraining()),
        device);
  }

  @Override
  public Map<String, Tensor> parameters() {
    return model.parameters();
  }

  @Override
  public AdamW optimizer() {
    return optimizer;
  }

  @Override
  public Tensor video(Tensor pixels, Masking.Draw draw) {
    return input.video(pixels, sample -> draw.stream("frames", sample));
  }

  @Override
  public NoTargets targets(int clips) {
    return NoTargets.NONE;
  }

  @Override
  public Tensor loss(Tensor video, NoTargets targets, Masking.Draw draw) {
    TokenPlan plan = model.plan(video, masking, draw);
    Tensor patches = model.patches(video, plan);
    Tensor hidden = model.targets(video, plan, pretraining.normalizeTargets());
    video.close();
    return MaskedAutoencoder.loss(model.forwardPatches(patches, plan).output(), hidden, plan);
  }

  @Override
  public ModelDescription description() {
    return description;
  }

  /** Gives the optimiser's memory back; the model stays. */
  @Override
  public void close() {
    optimizer.close();
  }
}
