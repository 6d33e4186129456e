package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.Shape;
import dev.tenzing.engine.Tensor;
import dev.tenzing.engine.io.Json;
import dev.tenzing.everest.frames.ClipInput;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.frames.FrameSelector;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.SelectionMasking;
import dev.tenzing.everest.masking.TokenMask;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Method;
import dev.tenzing.everest.recipe.Pretraining;
import dev.tenzing.nn.SelfAttention;
import dev.tenzing.video.sample.CandidateSampling;
import dev.tenzing.video.sample.Sampling;
import dev.tenzing.video.sample.SamplingRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What a model file says of its model: enough to build it again and to feed it as it was trained.
 *
 * @param config sizes
 * @param clip clips it was made for
 * @param stride frames from one frame of a clip to the next
 * @param pretraining how it was pre-trained, for a masked autoencoder; else null
 * @param classifier what it has beside the encoder, for a classifier; else null
 * @param classNames names of the classes, in order; empty when unknown
 * @param sampling which frames its clips are made of
 * @param frames how many of them there are to choose from, for a model whose frames are selected;
 *     else null
 */
public record ModelDescription(
    VitConfig config,
    ClipShape clip,
    int stride,
    Pretraining pretraining,
    VideoClassifier.Options classifier,
    List<String> classNames,
    SamplingRule sampling,
    FrameSelection frames) {
  /** A model of dense clips. */
  public ModelDescription(
      VitConfig config,
      ClipShape clip,
      int stride,
      Pretraining pretraining,
      VideoClassifier.Options classifier,
      List<String> classNames) {
    this(config, clip, stride, pretraining, classifier, classNames, SamplingRule.DENSE, null);
  }

  /** The same model for clips of other frames. */
  public ModelDescription withSampling(SamplingRule rule) {
    return new ModelDescription(
        config, clip, stride, pretraining, classifier, classNames, rule, frames);
  }

  /** The same model with another choice of frames, or null for none. */
  public ModelDescription withFrames(FrameSelection other) {
    return new ModelDescription(
        config, clip, stride, pretraining, classifier, classNames, sampling, other);
  }

  /** The selection of its tokens, or null when it has none. */
  public TokenSelection selection() {
    return pretraining == null
        ? classifier == null ? null : classifier.selection()
        : pretraining.masking() instanceof SelectionMasking masking ? masking.selection() : null;
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

  /** Its key among a file's metadata. */
  public static final String KEY = "tenzing";

  /** The metadata of the model file. */
  public Map<String, String> toMetadata() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "pt");
    metadata.put(KEY, toJson());
    return metadata;
  }

  /** The description as JSON. */
  public String toJson() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("model", toMap(config));
    all.put("frames", clip.frames());
    all.put("height", clip.height());
    all.put("width", clip.width());
    all.put("stride", stride);
    all.put("sampling", sampling.label());
    if (frames != null) {
      all.put("frame_selection", frames.alpha());
    }
    if (pretraining != null) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("method", pretraining.method().label());
      values.put("mask_ratio", pretraining.maskRatio());
      values.put("keep", pretraining.keep());
      TokenMask decoderMask = pretraining.decoderMask();
      values.put("decoder_mask", decoderMask == null ? null : decoderMask.spec());
      values.put("normalize_targets", pretraining.normalizeTargets());
      all.put("pretraining", values);
    }
    if (classifier != null) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("classes", classifier.classes());
      values.put("removed", removed(classifier.selection()));
      values.put("mean_pooling", classifier.meanPooling());
      values.put("learnable_positions", classifier.learnablePositions());
      values.put("drop_path", classifier.dropPath());
      values.put("init_scale", classifier.initScale());
      values.put("dropout", classifier.dropout());
      values.put("head_dropout", classifier.headDropout());
      all.put("classifier", values);
      all.put("class_names", classNames);
    }
    return Json.write(all);
  }

  /** The share of tokens that a selection drops; a file without another key means ReRo's. */
  private static Double removed(TokenSelection selection) {
    return switch (selection) {
      case null -> null;
      case ReRoSelection rero -> rero.removed();
      default ->
          throw new IllegalArgumentException(
              "a description of a model has no key yet for the selection " + selection);
    };
  }

  /** Names and shapes of the parameters of such a model. */
  public Map<String, Shape> shapes() {
    return shapes(clip);
  }

  /** Names and shapes of the parameters of such a model for other clips. */
  Map<String, Shape> shapes(ClipShape clip) {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    try (Device device = Device.meta()) {
      if (pretraining != null) {
        try (MaskedAutoencoder model =
            new MaskedAutoencoder(config, clip, device, Rng.seed(0), false)) {
          model.parameters().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        }
      } else {
        VideoClassifier.Options options =
            classifier == null
                ? VideoClassifier.Options.official(1, null)
                : classifier.withSelection(null); // which has no parameters
        try (VideoClassifier model =
            new VideoClassifier(config, clip, options, device, Rng.seed(0), false)) {
          model.parameters().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        }
        if (classifier == null) {
          shapes.keySet().removeIf(name -> name.startsWith("head.") || name.contains("norm."));
        }
      }
    }
    return shapes;
  }

  /** Elements of all parameters of such a model. */
  public long parameterCount() {
    return shapes().values().stream().mapToLong(Shape::size).sum();
  }

  private static Map<String, Object> toMap(VitConfig config) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", config.name());
    map.put("width", config.width());
    map.put("depth", config.depth());
    map.put("heads", config.heads());
    map.put("patch", config.patch());
    map.put("tubelet", config.tubelet());
    map.put("mlp_ratio", config.mlpRatio());
    map.put("decoder_width", config.decoderWidth());
    map.put("decoder_depth", config.decoderDepth());
    map.put("decoder_heads", config.decoderHeads());
    map.put("init_values", config.initValues());
    map.put("layer_norm_eps", config.layerNormEps());
    map.put("decoder_mlp_ratio", config.decoderMlpRatio());
    map.put("head_norm_eps", config.headNormEps());
    map.put("encoder_norm", config.encoderNorm());
    map.put("qkv_bias", config.attention().bias());
    map.put("cosine_attention", config.attention().cosine());
    map.put("qk_scale", config.attention().factor());
    return map;
  }

  /**
   * Reads the metadata of a model file.
   *
   * @param name the file, for messages
   * @throws CheckpointException when they say nothing of a model or make no sense
   */
  public static ModelDescription of(Map<String, String> metadata, String name) {
    String text = metadata.get(KEY);
    if (text == null) {
      throw new CheckpointException(
          name + " does not say what model it holds; it was not written by tenzing");
    }
    return ofJson(text, name);
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @param name the file, for messages
   * @throws CheckpointException when it makes no sense
   */
  public static ModelDescription ofJson(String text, String name) {
    try {
      Values all = new Values(Json.parseObject(text), name);
      Values model = all.child("model");
      if (model == null) {
        throw all.wrong("model", "an object", null);
      }
      ClipShape clip =
          new ClipShape(
              all.integer("frames", 1), all.integer("height", 1), all.integer("width", 1));
      Values p = all.child("pretraining");
      Values c = all.child("classifier");
      return new ModelDescription(
          config(model),
          clip,
          all.integer("stride", 1),
          p == null ? null : pretraining(p),
          c == null ? null : classifier(c),
          classNames(all),
          all.has("sampling") ? SamplingRule.named(all.text("sampling")) : SamplingRule.DENSE,
          all.has("frame_selection") ? new FrameSelection(all.number("frame_selection")) : null);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          name + " describes its model in a way that makes no sense: " + e.getMessage(), e);
    }
  }

  private static VitConfig config(Values model) {
    return new VitConfig(
        model.text("name"),
        model.integer("width", 1),
        model.integer("depth", 1),
        model.integer("heads", 1),
        model.integer("patch", 1),
        model.integer("tubelet", 1),
        model.number("mlp_ratio"),
        model.integer("decoder_width", 1),
        model.integer("decoder_depth", 0),
        model.integer("decoder_heads", 1),
        model.number("init_values"),
        model.number("layer_norm_eps"),
        model.number("decoder_mlp_ratio", model.number("mlp_ratio")),
        model.number("head_norm_eps", model.number("layer_norm_eps")),
        model.flag("encoder_norm", true),
        new SelfAttention.Style(
            model.flag("qkv_bias", true),
            model.flag("cosine_attention", false),
            model.number("qk_scale", 0)));
  }

  private static Pretraining pretraining(Values p) {
    return new Pretraining(
        Method.named(p.text("method")),
        p.number("mask_ratio"),
        p.number("keep"),
        p.has("decoder_mask") ? TokenMask.parse(p.text("decoder_mask")) : null,
        p.flag("normalize_targets"));
  }

  private static VideoClassifier.Options classifier(Values c) {
    return new VideoClassifier.Options(
        c.integer("classes", 1, VideoClassifier.Options.MOST_CLASSES),
        c.has("removed") ? new ReRoSelection(c.number("removed")) : null,
        c.flag("mean_pooling"),
        c.flag("learnable_positions"),
        c.number("drop_path"),
        c.number("init_scale"),
        c.number("dropout", 0),
        c.number("head_dropout", 0));
  }

  private static List<String> classNames(Values all) {
    return switch (all.map().get("class_names")) {
      case null -> List.of();
      case List<?> names when names.stream().allMatch(String.class::isInstance) ->
          names.stream().map(String.class::cast).toList();
      case Object other -> throw all.wrong("class_names", "a list of texts", other);
    };
  }
}
