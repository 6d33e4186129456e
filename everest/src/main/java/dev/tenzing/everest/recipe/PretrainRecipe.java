package dev.tenzing.everest.recipe;

import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.frames.FrameSelection;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All of a pre-training run.
 *
 * @param pretraining how tokens are hidden and what is predicted
 * @param frames how many frames there are to choose from, or null
 * @param start where the first parameters come from
 * @param data which clips
 * @param model which model
 * @param length how long
 * @param optimisation how it learns
 * @param saving where it is kept
 * @param seed seed of everything random
 */
public record PretrainRecipe(
    Pretraining pretraining,
    FrameSelection frames,
    Start start,
    DataRecipe data,
    ModelRecipe model,
    Length length,
    Optimisation optimisation,
    Saving saving,
    long seed) {
  /** Rejects a choice of frames by a selection that the method does not have. */
  public PretrainRecipe {
    if (frames != null && !pretraining.method().selects()) {
      throw new IllegalArgumentException(
          "--frame-selection is for --method everest; %s has no selection to count by"
              .formatted(pretraining.method().label()));
    }
    DataRecipe.checkOutput(data.list(), saving.run());
  }

  /** A method's official recipe, from scratch. */
  public static PretrainRecipe of(
      Method method, DataRecipe data, ModelRecipe model, Length length, Path run) {
    return new PretrainRecipe(
        Pretraining.official(method),
        null,
        Start.SCRATCH,
        data,
        model,
        length,
        Optimisation.OFFICIAL,
        Saving.in(run),
        0);
  }

  /** The same with another optimisation. */
  public PretrainRecipe with(Optimisation other) {
    return new PretrainRecipe(pretraining, frames, start, data, model, length, other, saving, seed);
  }

  /** The same with another seed. */
  public PretrainRecipe seeded(long other) {
    return new PretrainRecipe(
        pretraining, frames, start, data, model, length, optimisation, saving, other);
  }

  /**
   * The same with everything settled.
   *
   * @param clips with frames, stride, size and sampling
   * @param size of the model
   * @param parts that a forward pass is split into
   */
  public PretrainRecipe settled(
      DataRecipe clips, String size, int parts, Hyper hyper, long checkpointEvery) {
    return new PretrainRecipe(
        pretraining,
        frames,
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
    Map<String, Object> own = new LinkedHashMap<>();
    own.put("method", pretraining.method().label());
    own.put("mask-ratio", pretraining.maskRatio());
    own.put("keep", pretraining.method().selects() ? pretraining.keep() : null);
    own.put(
        "decoder-mask",
        pretraining.decoderMask() == null ? "none" : pretraining.decoderMask().spec());
    own.put("raw-targets", !pretraining.normalizeTargets());
    own.put("frame-selection", frames == null ? null : Settings.number(frames.alpha()));
    own.put("seed", seed);
    return Settings.of(
        List.of(
            data.settings(),
            model.settings(),
            length.settings(),
            optimisation.settings(),
            saving.settings(),
            start.settings(),
            own));
  }
}
