package dev.tenzing.everest.task;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.EncoderAlone;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.task.classification.FinetuneTask;
import dev.tenzing.everest.task.pretraining.PretrainTask;
import dev.tenzing.everest.training.TrainingTask;
import java.util.function.UnaryOperator;

/** The list of tasks, by what models are for. */
public final class Tasks {
  private Tasks() {}

  /**
   * The task that trains a new model for its purpose, with the settings of the official code. The
   * model lives as long as the device.
   *
   * @param hyper changes the official optimisation
   * @param rng of the first weights
   * @param recompute whether blocks run again in the backward instead of keeping their activations
   * @throws IllegalArgumentException when there is nothing to train such a model for
   */
  public static TrainingTask<?> of(
      ModelDescription model,
      UnaryOperator<Hyper> hyper,
      Device device,
      Rng rng,
      boolean recompute) {
    return switch (model.purpose()) {
      case Pretraining any -> PretrainTask.official(model, hyper, device, rng, recompute);
      case Classification any -> FinetuneTask.official(model, hyper, device, rng, recompute);
      case EncoderAlone any ->
          throw new IllegalArgumentException("an encoder alone has nothing that it could learn");
    };
  }
}
