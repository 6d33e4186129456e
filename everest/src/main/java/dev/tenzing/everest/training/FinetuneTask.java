package dev.tenzing.everest.training;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.checkpoint.ModelDescription;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.nn.DropPath;
import dev.tenzing.nn.loss.LabelSmoothing;
import dev.tenzing.nn.optim.AdamW;
import dev.tenzing.nn.optim.ParameterGroups;
import java.util.Map;

/**
 * Supervised training of a classifier with stochastic depth, label smoothing and layer-wise
 * learning rates.
 */
public final class FinetuneTask implements TrainingTask, AutoCloseable {
  private final VideoClassifier model;
  private final ModelDescription description;
  private final LabelSmoothing criterion;
  private final AdamW optimizer;

  /** Trains {@code model} on labels smoothed by {@code smoothing}. */
  public FinetuneTask(
      VideoClassifier model,
      ModelDescription description,
      Hyper hyper,
      double smoothing,
      Device device) {
    this.model = model;
    this.description = description;
    this.criterion = new LabelSmoothing(smoothing);
    ParameterGroups groups = new ParameterGroups(model.config().depth(), hyper.layerDecay(), true);
    this.optimizer = new AdamW(device, model.parameters(), groups, hyper.adamW());
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
  public Tensor loss(Tensor video, ClipLabels labels, Masking.Draw draw) {
    DropPath dropPath =
        DropPath.random(draw.rng(), draw.step(), draw.firstSample(), model.dropRates());
    return criterion.mixedLoss(
        model.forward(video, dropPath).logits(), labels.own(), labels.other(), labels.shares());
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
