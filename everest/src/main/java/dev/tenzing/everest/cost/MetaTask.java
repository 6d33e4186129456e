package dev.tenzing.everest.cost;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.everest.checkpoint.ModelDescription;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.training.Criterion;
import dev.tenzing.everest.training.FinetuneTask;
import dev.tenzing.everest.training.PretrainTask;
import dev.tenzing.everest.training.TrainingTask;

/** The training task of a model on a device without values; it takes no memory to close. */
final class MetaTask {
  private MetaTask() {}

  static TrainingTask of(ModelDescription model, Device meta, boolean recompute) {
    return model.pretraining() != null
        ? new PretrainTask(
            new MaskedAutoencoder(model.config(), model.clip(), meta, Rng.seed(0), recompute),
            model,
            Hyper.pretraining(),
            meta)
        : new FinetuneTask(
            new VideoClassifier(
                model.config(), model.clip(), model.classifier(), meta, Rng.seed(0), recompute),
            model,
            Hyper.finetuning(),
            Criterion.labels(0),
            meta);
  }
}
