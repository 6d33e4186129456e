package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.Json;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.EncoderAlone;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.description.Purpose;
import dev.tenzing.everest.frames.FrameSelection;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.TokenMask;
import dev.tenzing.everest.masking.TokenSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.nn.SelfAttention;
import dev.tenzing.video.sample.SamplingRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A description of a model as JSON, which is what the metadata of its file hold. */
public final class DescriptionJson {
  /** Its key among a file's metadata. */
  public static final String KEY = "tenzing";

  private DescriptionJson() {}

  /** The metadata of the model file. */
  static Map<String, String> metadata(ModelDescription description) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "pt");
    metadata.put(KEY, write(description));
    return metadata;
  }

  /** The description as JSON. */
  public static String write(ModelDescription description) {
    ClipShape clip = description.clip();
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("model", toMap(description.config()));
    all.put("frames", clip.frames());
    all.put("height", clip.height());
    all.put("width", clip.width());
    all.put("stride", description.stride());
    all.put("sampling", description.sampling().label());
    if (description.frames() != null) {
      all.put("frame_selection", description.frames().alpha());
    }
    switch (description.purpose()) {
      case Pretraining pretraining -> all.put("pretraining", toMap(pretraining));
      case Classification classification -> {
        all.put("classifier", toMap(classification.options()));
        all.put("class_names", classification.classNames());
      }
      case EncoderAlone any -> {} // A description that names no purpose is that of an encoder.
    }
    return Json.write(all);
  }

  private static Map<String, Object> toMap(Pretraining pretraining) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("method", pretraining.method().label());
    values.put("mask_ratio", pretraining.maskRatio());
    values.put("keep", pretraining.keep());
    TokenMask decoderMask = pretraining.decoderMask();
    values.put("decoder_mask", decoderMask == null ? null : decoderMask.spec());
    values.put("normalize_targets", pretraining.normalizeTargets());
    return values;
  }

  private static Map<String, Object> toMap(VideoClassifier.Options classifier) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("classes", classifier.classes());
    values.put("removed", removed(classifier.selection()));
    values.put("mean_pooling", classifier.meanPooling());
    values.put("learnable_positions", classifier.learnablePositions());
    values.put("drop_path", classifier.dropPath());
    values.put("init_scale", classifier.initScale());
    values.put("dropout", classifier.dropout());
    values.put("head_dropout", classifier.headDropout());
    return values;
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
   * Reads what {@link #write} wrote.
   *
   * @param name the file, for messages
   * @throws CheckpointException when it makes no sense
   */
  public static ModelDescription read(String text, String name) {
    try {
      Values all = new Values(Json.parseObject(text), name);
      Values model = all.child("model");
      if (model == null) {
        throw all.wrong("model", "an object", null);
      }
      ClipShape clip =
          new ClipShape(
              all.integer("frames", 1), all.integer("height", 1), all.integer("width", 1));
      return new ModelDescription(
          config(model),
          clip,
          all.integer("stride", 1),
          purpose(all),
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

  private static Purpose purpose(Values all) {
    Values pretraining = all.child("pretraining");
    Values classifier = all.child("classifier");
    if (pretraining != null) {
      return pretraining(pretraining);
    }
    return classifier == null
        ? new EncoderAlone()
        : new Classification(classifier(classifier), classNames(all));
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
