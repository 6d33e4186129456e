package dev.tenzing.everest.task.classification;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Models;
import dev.tenzing.everest.frames.ClipInput;
import dev.tenzing.everest.masking.Masking;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.recipe.Hyper;
import dev.tenzing.everest.training.TrainingTask;
import dev.tenzing.nn.Dropping;
import dev.tenzing.nn.optim.AdamW;
import dev.tenzing.nn.optim.ParameterGroups;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Training of a classifier by its labels or by a teacher, with stochastic depth, dropout and
 * layer-wise learning rates.
 */
public final class FinetuneTask implements TrainingTask<ClipLabels>, AutoCloseable {
  /** Of labels, in the official code. */
  private static final double SMOOTHING = 0.1;

  private final VideoClassifier model;
  private final ModelDescription description;
  private final Criterion criterion;
  private final ClipInput input;
  private final AdamW optimizer;

  /** Trains {@code model} by a criterion. */
  public FinetuneTask(
      VideoClassifier model,
      ModelDescription description,
      Hyper hyper,
      Criterion criterion,
      Device device) {
    this.model = model;
    this.description = description;
    this.input = description.input(model::tokens);
    this.criterion = criterion;
    // Scales of cosine attention do not decay, as in the code of VideoMAE V2, which has them.
    ParameterGroups groups = new ParameterGroups(model.config().depth(), hyper.layerDecay(), false);
    this.optimizer = new AdamW(device, model.parameters(), groups, hyper.adamW());
  }

  /** The task of a new model, optimised as by the official code but for a change. */
  public static FinetuneTask official(
      ModelDescription description,
      UnaryOperator<Hyper> change,
      Device device,
      Rng rng,
      boolean recompute) {
    return new FinetuneTask(
        Models.classifier(description, device, rng, recompute),
        description,
        change.apply(Hyper.finetuning()),
        Criterion.labels(SMOOTHING),
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
  public ClipLabels targets(int clips) {
    return ClipLabels.room(clips);
  }

  @Override
  public Tensor loss(Tensor video, ClipLabels labels, Masking.Draw draw) {
    Dropping dropping =
        Dropping.random(draw.rng(), draw::step, draw::firstSample, model.dropRates());
    Tensor soft = criterion.softLabels(video);
    Tensor tokens = model.embed(video);
    video.close();
    return criterion.loss(model.forwardTokens(tokens, dropping).logits(), soft, labels);
  }

  @Override
  public String notCapturable() {
    VideoClassifier.Options options = model.options();
    return options.dropout() > 0 || options.headDropout() > 0
        ? "dropout draws by the number of the step, which a kernel is told when it is launched"
        : "";
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
