package dev.tenzing.everest.cost;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.EncoderAlone;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Models;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.training.Criterion;
import dev.tenzing.everest.training.FinetuneTask;
import dev.tenzing.everest.training.PretrainTask;
import dev.tenzing.everest.training.TrainingTask;

/** The training task of a model on a device without values; it takes no memory to close. */
final class MetaTask {
  private MetaTask() {}

  static TrainingTask<?> of(ModelDescription model, Device meta, boolean recompute) {
    return switch (model.purpose()) {
      case Pretraining any ->
          new PretrainTask(
              Models.autoencoder(model, meta, Rng.seed(0), recompute),
              model,
              Hyper.pretraining(),
              meta);
      case Classification any ->
          new FinetuneTask(
              Models.classifier(model, meta, Rng.seed(0), recompute),
              model,
              Hyper.finetuning(),
              Criterion.labels(0),
              meta);
      case EncoderAlone any ->
          throw new IllegalArgumentException("an encoder alone has nothing that it could learn");
    };
  }
}
