package dev.tenzing.everest.description;

import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.everest.frames.ClipInput;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.frames.FrameSelector;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.video.sample.CandidateSampling;
import dev.tenzing.video.sample.Sampling;
import dev.tenzing.video.sample.SamplingRule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a model file says of its model: enough to build it again and to feed it as it was trained.
 *
 * @param config sizes
 * @param clip clips it was made for
 * @param stride frames from one frame of a clip to the next
 * @param purpose what it is for
 * @param sampling which frames its clips are made of
 * @param frames how many of them there are to choose from, for a model whose frames are selected;
 *     else null
 */
public record ModelDescription(
    VitConfig config,
    ClipShape clip,
    int stride,
    Purpose purpose,
    SamplingRule sampling,
    FrameSelection frames) {
  /** A model of dense clips. */
  public ModelDescription(VitConfig config, ClipShape clip, int stride, Purpose purpose) {
    this(config, clip, stride, purpose, SamplingRule.DENSE, null);
  }

  /** The same model for clips of other frames. */
  public ModelDescription withSampling(SamplingRule rule) {
    return new ModelDescription(config, clip, stride, purpose, rule, frames);
  }

  /** The same model with another choice of frames, or null for none. */
  public ModelDescription withFrames(FrameSelection other) {
    return new ModelDescription(config, clip, stride, purpose, sampling, other);
  }

  /** How it is pre-trained, where that is what it is for. */
  public Optional<Pretraining> pretraining() {
    return purpose instanceof Pretraining pretraining ? Optional.of(pretraining) : Optional.empty();
  }

  /** What it classifies, where that is what it is for. */
  public Optional<Classification> classification() {
    return purpose instanceof Classification classification
        ? Optional.of(classification)
        : Optional.empty();
  }

  /** Names of the classes that it tells apart, in order; empty when there are none known. */
  public List<String> classNames() {
    return classification().map(Classification::classNames).orElse(List.of());
  }

  /** The selection of its tokens, or null when it has none. */
  public TokenSelection selection() {
    return purpose.selection();
  }

  /**
   * The clips to load for it: of {@link #clip()}, or of more frames where it chooses.
   *
   * @throws IllegalArgumentException when frames cannot be chosen
   */
  public ClipShape loadedClip() {
    return frames == null ? clip : frames.candidates(clip, config.tubelet());
  }

  /** Sampling of the clips to load, from sampling of {@link #clip()}. */
  public Sampling loaded(Sampling clips) {
    return frames == null ? clips : new CandidateSampling(clips, loadedClip().frames());
  }

  /**
   * How the model gets its video from loaded clips.
   *
   * @param embedding its patch embedding: {@code model::tokens}
   * @throws IllegalArgumentException when frames cannot be chosen
   */
  public ClipInput input(UnaryOperator<Tensor> embedding) {
    if (frames == null) {
      return ClipInput.whole(clip);
    }
    if (selection() == null) {
      throw new IllegalArgumentException(
          "frame selection counts the tokens that ReRo selection keeps, and this model keeps all"
              + " of them; give --keep below 1 (EVEREST fine-tunes with 0.6)");
    }
    FrameSelector selector = new FrameSelector(frames, selection(), config, clip, embedding);
    return new ClipInput(selector.candidates(), selector);
  }

  /** How the frames of its clips are chosen. */
  public Sampling sampler() {
    return sampling.of(clip.frames(), stride);
  }

  /** Names and shapes of the parameters of such a model. */
  public Map<String, Shape> shapes() {
    return shapes(clip);
  }

  /** Names and shapes of the parameters of such a model for other clips. */
  public Map<String, Shape> shapes(ClipShape clip) {
    return Models.shapes(this, clip);
  }

  /** Elements of all parameters of such a model. */
  public long parameterCount() {
    return shapes().values().stream().mapToLong(Shape::size).sum();
  }
}
