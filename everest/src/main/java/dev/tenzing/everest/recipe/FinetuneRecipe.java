package dev.tenzing.everest.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * All of a run that trains a classifier, by labels or by a teacher.
 *
 * @param classifier the classifier
 * @param distill its teacher, or null
 * @param augment how clips are changed at random
 * @param validation its evaluation
 * @param start where the first parameters of its encoder come from
 * @param data which clips
 * @param model which model
 * @param length how long
 * @param optimisation how it learns
 * @param saving where it is kept
 * @param seed seed of everything random
 */
public record FinetuneRecipe(
    ClassifierRecipe classifier,
    DistillRecipe distill,
    AugmentRecipe augment,
    Validation validation,
    Start start,
    DataRecipe data,
    ModelRecipe model,
    Length length,
    Optimisation optimisation,
    Saving saving,
    long seed) {
  private static final double PRETRAINED_LAYER_DECAY = 0.75;

  /** Rejects batches that cannot be mixed and a run among the data; settles the layer decay. */
  public FinetuneRecipe {
    DataRecipe.checkOutput(data.list(), saving.run());
    DataRecipe.checkOutput(validation.list(), saving.run());
    augment.mixing(length.batch());
    if (optimisation.layerDecay() == null) {
      optimisation =
          optimisation.withLayerDecay(start.checkpoint() == null ? 1 : PRETRAINED_LAYER_DECAY);
    }
  }

  /** The command's defaults, by labels. */
  public static FinetuneRecipe of(Start start, DataRecipe data, Length length, Path run) {
    return new FinetuneRecipe(
        ClassifierRecipe.DEFAULT,
        null,
        AugmentRecipe.small(true),
        Validation.NONE,
        start,
        data,
        new ModelRecipe(null, null, false, false, false),
        length,
        Optimisation.OFFICIAL,
        Saving.in(run),
        0);
  }

  /** The same with an evaluation at the end. */
  public FinetuneRecipe with(Validation other) {
    return new FinetuneRecipe(
        classifier,
        distill,
        augment,
        other,
        start,
        data,
        model,
        length,
        optimisation,
        saving,
        seed);
  }

  /** The same with another optimisation. */
  public FinetuneRecipe with(Optimisation other) {
    return new FinetuneRecipe(
        classifier, distill, augment, validation, start, data, model, length, other, saving, seed);
  }

  /** The same with another seed. */
  public FinetuneRecipe seeded(long other) {
    return new FinetuneRecipe(
        classifier,
        distill,
        augment,
        validation,
        start,
        data,
        model,
        length,
        optimisation,
        saving,
        other);
  }

  /** The name of the command that runs it. */
  public String command() {
    return distill == null ? "finetune" : "distill";
  }

  /**
   * The same with everything settled.
   *
   * @param classes of the model
   * @param clips with frames, stride, size and sampling
   * @param size of the model
   * @param parts that a forward pass is split into
   */
  public FinetuneRecipe settled(
      int classes, DataRecipe clips, String size, int parts, Hyper hyper, long checkpointEvery) {
    return new FinetuneRecipe(
        classifier.of(classes),
        distill,
        augment,
        validation,
        start,
        clips,
        model.named(size),
        length.split(parts),
        optimisation.settled(hyper),
        saving.settled(checkpointEvery),
        seed);
  }

  /** Its settings by the names of the options that ask for them. */
  public Map<String, Object> settings() {
    return Settings.of(
        List.of(
            data.settings(),
            model.settings(),
            length.settings(),
            optimisation.settings(),
            saving.settings(),
            start.settings(),
            classifier.settings(),
            augment.settings(),
            validation.settings(),
            distill == null ? Map.of() : distill.settings(),
            Map.of("seed", seed)));
  }
}
