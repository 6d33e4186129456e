package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.io.TensorFileException;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.EncoderAlone;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.description.Purpose;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.Pixels;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.nn.SelfAttention;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The {@code config.json} of Hugging Face's VideoMAE, of transformers 4 (key {@code qkv_bias}) and
 * 5 (key {@code qv_bias}).
 *
 * <p>Whatever {@code layer_norm_eps} says, their {@code decoder.norm} and {@code fc_norm} keep
 * PyTorch's default of 1e-5. With {@code use_mean_pooling} the encoder has no norm of its own.
 *
 * @param values what the file holds
 * @param file what messages call it
 */
public record HuggingFaceConfig(Map<String, Object> values, String file) {
  private static final String TYPE = "videomae";

  /** Its name in a checkpoint folder. */
  public static final String NAME = "config.json";

  private static final double HEAD_NORM_EPS = 1e-5;
  private static final double DEFAULT_EPS = 1e-12;

  /** Key of what only our description says; transformers keeps keys that it does not know. */
  private static final String OURS = "tenzing";

  /**
   * Rejects the config of another architecture.
   *
   * @param holdsModel whether the tensors are those of a VideoMAE nevertheless
   */
  void checkType(boolean holdsModel) {
    Object type = values.get("model_type");
    boolean ours = type instanceof String name && name.toLowerCase(Locale.ROOT).contains(TYPE);
    if (type != null && !ours && !holdsModel) {
      throw new CheckpointException(
          "%s describes a model of type %s, not videomae"
              .formatted(file, type instanceof String name ? plain(name) : "that is no text"));
    }
  }

  private static String plain(String name) {
    return name.matches("[\\w.-]{1,60}") ? name : TensorFileException.quote(name);
  }

  /** Whether it is that of transformers' own VideoMAE, and not of code beside the model. */
  boolean isTheirs() {
    Object type = values.get("model_type");
    return type == null || type.equals(TYPE);
  }

  /**
   * What another config, such as that of VideoMAE V2 on the Hub, says in the words of the official
   * code: below {@code model_config} or at the top.
   */
  Values arguments() {
    Values all = new Values(values, file);
    return all.has("model_config") ? all.child("model_config") : all;
  }

  /**
   * What the config says of a model.
   *
   * @param kind what its tensors are
   * @param classes K, for a classifier
   * @throws CheckpointException when it describes a model that there is none of here
   */
  public ModelDescription description(ModelKind kind, int classes) {
    try {
      check();
      int stride = 4;
      boolean pooling = flag("use_mean_pooling", true);
      ModelDescription theirs =
          new ModelDescription(config(pooling), clip(), stride, purpose(kind, classes, pooling));
      if (values.get(OURS) instanceof String text) {
        // It says more, unless transformers made another model of it since.
        ModelDescription ours = DescriptionJson.read(text, file);
        return withoutOurs(ours).equals(withoutOurs(theirs)) ? ours : theirs;
      }
      return theirs;
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          file + " describes its model in a way that makes no sense: " + e.getMessage(), e);
    }
  }

  private Purpose purpose(ModelKind kind, int classes, boolean pooling) {
    return switch (kind) {
      case PRETRAINING ->
          new Pretraining(Method.VIDEOMAE, 0.9, 1, null, flag("norm_pix_loss", true));
      case CLASSIFIER ->
          new Classification(
              new VideoClassifier.Options(classes, null, pooling, false, 0, 1),
              classNames(classes));
      case ENCODER -> new EncoderAlone();
    };
  }

  private static Map<String, Object> withoutOurs(ModelDescription description) {
    Map<String, Object> values = new LinkedHashMap<>(of(description, "", "").values);
    values.remove(OURS);
    return values;
  }

  private void check() {
    Values all = new Values(values, file);
    String act = all.text("hidden_act", "gelu");
    if (!act.equals("gelu")) {
      throw new CheckpointException(
          "%s asks for the activation %s; there is only gelu".formatted(file, act));
    }
    int channels = all.integerOr("num_channels", 3);
    if (channels != 3) {
      throw new CheckpointException(
          "%s asks for %s channels; there are only 3".formatted(file, channels));
    }
  }

  private VitConfig config(boolean pooling) {
    Values all = new Values(values, file);
    int width = all.integerOr("hidden_size", 768);
    int decoderWidth = all.integerOr("decoder_hidden_size", 384);
    double eps = all.number("layer_norm_eps", DEFAULT_EPS);
    int decoderDepth =
        all.has("decoder_num_hidden_layers") ? all.integer("decoder_num_hidden_layers", 0) : 4;
    VitConfig config =
        new VitConfig(
            "videomae",
            width,
            all.integerOr("num_hidden_layers", 12),
            all.integerOr("num_attention_heads", 12),
            all.integerOr("patch_size", 16),
            all.integerOr("tubelet_size", 2),
            Sizes.ratio(hidden(all, "intermediate_size", 3072), width),
            decoderWidth,
            decoderDepth,
            all.integerOr("decoder_num_attention_heads", 6),
            0,
            eps,
            Sizes.ratio(hidden(all, "decoder_intermediate_size", 1536), decoderWidth),
            HEAD_NORM_EPS,
            !pooling,
            new SelfAttention.Style(flag("qkv_bias", true) && flag("qv_bias", true), false, 0));
    return Sizes.named(config);
  }

  private static int hidden(Values all, String key, int otherwise) {
    return all.has(key) ? all.integer(key, 1, VitConfig.MOST_HIDDEN) : otherwise;
  }

  private ClipShape clip() {
    Values all = new Values(values, file);
    int frames = all.integerOr("num_frames", 16);
    if (values.get("image_size") instanceof List<?> sides && sides.size() == 2) {
      return new ClipShape(
          frames,
          all.whole("image_size", sides.get(0), 1, Values.MOST),
          all.whole("image_size", sides.get(1), 1, Values.MOST));
    }
    return ClipShape.square(frames, all.integerOr("image_size", 224));
  }

  private List<String> classNames(int classes) {
    List<String> names = new ArrayList<>();
    if (values.get("id2label") instanceof Map<?, ?> labels) {
      for (int i = 0; i < classes; i++) {
        names.add(String.valueOf(labels.get(String.valueOf(i))));
      }
    }
    boolean named = names.stream().anyMatch(name -> !name.matches("LABEL_\\d+|null"));
    return named ? names : List.of();
  }

  private boolean flag(String key, boolean otherwise) {
    return new Values(values, file).flag(key, otherwise);
  }

  /**
   * The config of a model.
   *
   * @param dtype PyTorch's name of the type of its tensors
   * @param file what messages call it
   * @throws CheckpointException when their VideoMAE has no such model
   */
  public static HuggingFaceConfig of(ModelDescription description, String dtype, String file) {
    VitConfig config = description.config();
    Purpose purpose = description.purpose();
    ClipShape clip = description.clip();
    if (config.attention().cosine() || config.attention().factor() != 0) {
      throw new CheckpointException(
          file
              + " cannot be written: Hugging Face's VideoMAE has only scaled dot-product"
              + " attention");
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("architectures", List.of(architecture(purpose)));
    map.put("attention_probs_dropout_prob", 0.0);
    map.put("decoder_hidden_size", config.decoderWidth());
    map.put("decoder_intermediate_size", (int) (config.decoderWidth() * config.decoderMlpRatio()));
    map.put("decoder_num_attention_heads", config.decoderHeads());
    map.put("decoder_num_hidden_layers", config.decoderDepth());
    map.put("dtype", dtype);
    map.put("hidden_act", "gelu");
    map.put("hidden_dropout_prob", 0.0);
    map.put("hidden_size", config.width());
    if (purpose instanceof Classification known) {
      putLabels(map, known.classNames(), known.classes());
    }
    map.put(
        "image_size",
        clip.height() == clip.width() ? clip.height() : List.of(clip.height(), clip.width()));
    map.put("initializer_range", 0.02);
    map.put("intermediate_size", (int) (config.width() * config.mlpRatio()));
    map.put("layer_norm_eps", config.layerNormEps());
    map.put("model_type", "videomae");
    map.put("norm_pix_loss", !(purpose instanceof Pretraining known) || known.normalizeTargets());
    map.put("num_attention_heads", config.heads());
    map.put("num_channels", 3);
    map.put("num_frames", clip.frames());
    map.put("num_hidden_layers", config.depth());
    map.put("patch_size", config.patch());
    map.put("qkv_bias", config.attention().bias());
    map.put("qv_bias", config.attention().bias());
    map.put(OURS, DescriptionJson.write(description));
    map.put("torch_dtype", dtype);
    map.put("tubelet_size", config.tubelet());
    map.put(
        "use_mean_pooling",
        purpose instanceof Classification known
            ? known.options().meanPooling()
            : !config.encoderNorm());
    return new HuggingFaceConfig(map, file);
  }

  private static String architecture(Purpose purpose) {
    return switch (purpose) {
      case Pretraining any -> "VideoMAEForPreTraining";
      case Classification any -> "VideoMAEForVideoClassification";
      case EncoderAlone any -> "VideoMAEModel";
    };
  }

  private static void putLabels(Map<String, Object> map, List<String> names, int classes) {
    boolean usable = names.size() == classes && new HashSet<>(names).size() == classes;
    Map<String, Object> labels = new LinkedHashMap<>();
    Map<String, Object> ids = new LinkedHashMap<>();
    for (int i = 0; i < classes; i++) {
      String name = usable ? names.get(i) : "LABEL_" + i;
      labels.put(String.valueOf(i), name);
      ids.put(name, i);
    }
    map.put("id2label", labels);
    map.put("label2id", ids);
  }

  /** The {@code preprocessor_config.json} that goes with it: how pixels are prepared. */
  public static Map<String, Object> preprocessor(ClipShape clip) {
    Map<String, Object> map = new LinkedHashMap<>();
    Map<String, Object> crop = new LinkedHashMap<>();
    crop.put("height", clip.height());
    crop.put("width", clip.width());
    map.put("crop_size", crop);
    map.put("do_center_crop", true);
    map.put("do_normalize", true);
    map.put("do_rescale", true);
    map.put("do_resize", true);
    map.put("image_mean", decimals(Pixels.MEAN));
    map.put("image_processor_type", "VideoMAEImageProcessor");
    map.put("image_std", decimals(Pixels.STD));
    map.put("resample", 2);
    map.put("rescale_factor", 1 / 255.0);
    map.put("size", Map.of("shortest_edge", Math.min(clip.height(), clip.width())));
    return map;
  }

  private static List<Double> decimals(float[] values) {
    List<Double> decimals = new ArrayList<>();
    for (float value : values) {
      decimals.add(Double.valueOf(Float.toString(value)));
    }
    return decimals;
  }
}
