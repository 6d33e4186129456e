package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.Shape;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.EncoderAlone;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.description.Purpose;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.RunningCellMask;
import dev.tenzing.everest.masking.TokenMask;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.nn.SelfAttention;
import dev.tenzing.video.sample.SamplingRule;
import java.util.List;
import java.util.Map;

/**
 * What model a checkpoint holds: as it says itself, or else from the names and shapes of its
 * tensors, the arguments of the official scripts, the known sizes, and what the user says.
 */
final class Inference {
  private static final double OFFICIAL_EPS = 1e-6;

  /** The official values of what neither shapes nor arguments tell. */
  private static final int FRAMES = 16;

  private static final List<String> ARGUMENTS = List.of("args", "model_config");

  private static final int SIZE = 224;
  private static final int STRIDE = 4;

  private final Checkpoint checkpoint;
  private final Hints hints;
  private final Map<String, Shape> shapes;
  private final Values args;
  private final ModelKind kind;
  private final String encoder;

  Inference(Checkpoint checkpoint, Hints hints) {
    this.checkpoint = checkpoint;
    this.hints = hints;
    this.shapes = checkpoint.shapes();
    this.args = arguments(checkpoint);
    this.kind = checkpoint.kind();
    this.encoder = shapes.containsKey("encoder.patch_embed.proj.weight") ? "encoder." : "";
  }

  private static Values arguments(Checkpoint checkpoint) {
    HuggingFaceConfig config = checkpoint.config();
    if (config != null && !config.isTheirs()) {
      return config.arguments();
    }
    String file = checkpoint.path().toString();
    for (String key : ARGUMENTS) {
      if (checkpoint.metadata().get(key) instanceof Map<?, ?> map) {
        return new Values(map, file);
      }
    }
    return new Values(Map.of(), file);
  }

  ModelDescription description() {
    String file = checkpoint.path().toString();
    ModelDescription said;
    try {
      said = said(file);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          file + " holds no model that makes sense: " + e.getMessage(), e);
    }
    return hinted(Promise.checked(said, shapes, file));
  }

  private ModelDescription said(String file) {
    if (checkpoint.metadata().get(DescriptionJson.KEY) instanceof String own) {
      return DescriptionJson.read(own, file);
    }
    shape("patch_embed.proj.weight", 5);
    if (checkpoint.config() != null && checkpoint.config().isTheirs()) {
      return checkpoint.config().description(kind, kind == ModelKind.CLASSIFIER ? classes() : 0);
    }
    VitConfig config = config();
    checkArguments(config);
    return new ModelDescription(
        config,
        clip(config),
        size("sampling_rate", STRIDE),
        switch (kind) {
          case PRETRAINING -> pretraining();
          case CLASSIFIER -> new Classification(classifier());
          case ENCODER -> new EncoderAlone();
        },
        sampling(),
        null);
  }

  private VitConfig config() {
    Shape patch = shape("patch_embed.proj.weight", 5);
    int width = dim(patch, 0);
    if (patch.dim(1) != 3 || patch.dim(3) != patch.dim(4)) {
      throw new IllegalArgumentException(
          "its patches have shape %s where [C,3,t,p,p] is needed".formatted(patch));
    }
    double ratio = Sizes.ratio(dim(shape("blocks.0.mlp.fc1.weight", 2), 0), width);
    int decoderWidth = 1;
    double decoderRatio = ratio;
    if (kind == ModelKind.PRETRAINING) {
      decoderWidth = dim(shape("encoder_to_decoder.weight", 2), 0);
      Shape hidden = shapes.get("decoder.blocks.0.mlp.fc1.weight");
      decoderRatio = hidden == null ? ratio : Sizes.ratio(dim(hidden, 0), decoderWidth);
    }
    int[] heads = heads(width, decoderWidth);
    return Sizes.named(
        new VitConfig(
            "custom",
            width,
            depth(encoder),
            heads[0],
            dim(patch, 3),
            dim(patch, 2),
            ratio,
            decoderWidth,
            depth("decoder."),
            heads[1],
            shapes.containsKey(encoder + "blocks.0.gamma_1") ? 0.1 : 0,
            args.number("layer_norm_eps", OFFICIAL_EPS),
            decoderRatio,
            args.number("layer_norm_eps", OFFICIAL_EPS),
            kind != ModelKind.PRETRAINING || shapes.containsKey("encoder.norm.weight"),
            new SelfAttention.Style(
                shapes.containsKey(encoder + "blocks.0.attn.q_bias"),
                shapes.containsKey(encoder + "blocks.0.attn.scale"),
                args.number("qk_scale", 0))));
  }

  private int depth(String stack) {
    int depth = 0;
    while (shapes.containsKey(stack + "blocks." + depth + ".norm1.weight")) {
      depth++;
    }
    return depth;
  }

  /** Heads of encoder and decoder, which only the shapes of cosine attention tell. */
  private int[] heads(int width, int decoderWidth) {
    int known = Sizes.ofWidth(width).map(VitConfig::heads).orElse(0);
    int said = size(args.first("num_heads", "num_attention_heads"), known);
    int heads = or(hints.heads(), cosineHeads(encoder, said));
    int decoderHeads =
        decoderWidth == 1
            ? 1
            : or(hints.decoderHeads(), cosineHeads("decoder.", Sizes.decoderHeads(decoderWidth)));
    if (heads == 0 || decoderHeads == 0) {
      String which =
          heads == 0 && decoderHeads == 0
              ? "its widths of %s and %s (decoder) split into; say it with --heads and --decoder-heads"
                  .formatted(width, decoderWidth)
              : heads == 0
                  ? "its width of %s splits into; say it with --heads".formatted(width)
                  : "its decoder's width of %s splits into; say it with --decoder-heads"
                      .formatted(decoderWidth);
      throw new CheckpointException(
          "%s does not say how many attention heads %s".formatted(checkpoint.path(), which));
    }
    return new int[] {heads, decoderHeads};
  }

  /** The heads that a stack's cosine attention has a scale [H, 1, 1] for. */
  private int cosineHeads(String stack, int otherwise) {
    Shape scale = shapes.get(stack + "blocks.0.attn.scale");
    return scale == null || scale.rank() != 3 ? otherwise : dim(scale, 0);
  }

  private VideoClassifier.Options classifier() {
    boolean selects = Boolean.TRUE.equals(args.map().get("mcm"));
    return new VideoClassifier.Options(
        classes(),
        selects ? new ReRoSelection(args.number("mcm_ratio", 0.4)) : null,
        shapes.containsKey("fc_norm.weight"),
        shapes.containsKey("pos_embed"),
        0,
        1);
  }

  private Shape shape(String name, int rank) {
    String full = shapes.containsKey(encoder + name) ? encoder + name : name;
    Shape shape = shapes.get(full);
    if (shape == null) {
      throw new CheckpointException(
          "%s holds no video transformer: it has no tensor %s".formatted(checkpoint.path(), full));
    }
    if (shape.rank() != rank) {
      throw new CheckpointException(
          "%s holds no video transformer: %s has shape %s, of another rank than %s"
              .formatted(checkpoint.path(), full, shape, rank));
    }
    return shape;
  }

  private static int dim(Shape shape, int i) {
    if (shape.dim(i) > VitConfig.MOST_HIDDEN) {
      throw new IllegalArgumentException(
          "a tensor of shape %s is larger than that of any model".formatted(shape));
    }
    return (int) shape.dim(i);
  }

  private Pretraining pretraining() {
    Method method =
        "motion-centric".equals(args.map().get("mask_type"))
            ? Method.EVEREST
            : "random".equals(args.map().get("mask_type"))
                ? Method.ST_MAE
                : decoderMask() == null ? Method.VIDEOMAE : Method.VIDEOMAE_V2;
    return new Pretraining(
        method,
        args.number("mask_ratio", 0.9),
        1 - args.number("motion_centric_masking_ratio", 0.7),
        method.selects() ? null : decoderMask(),
        !Boolean.FALSE.equals(args.map().get("normlize_target")));
  }

  /** Running cells, the only mask of the official decoder, which mask whole quarters. */
  private TokenMask decoderMask() {
    int quarters = (int) (4 * args.number("decoder_mask_ratio", 0));
    return "run_cell".equals(args.map().get("decoder_mask_type")) && quarters > 0 && quarters < 4
        ? new RunningCellMask(quarters / 4.0)
        : null;
  }

  private ClipShape clip(VitConfig config) {
    int frames = size(args.first("num_frames", "all_frames"), FRAMES);
    Shape positions = shapes.get(encoder + "pos_embed");
    if (positions != null && positions.rank() == 3) {
      // Learned positions are as many as the clip has tokens.
      long perSlot = positions.dim(1) / Math.max(1, frames / config.tubelet());
      return ClipShape.square(frames, (int) Math.round(Math.sqrt(perSlot)) * config.patch());
    }
    String size = args.first("input_size", "img_size", "image_size");
    Object sides = args.map().get(size);
    if (sides instanceof List<?> two && two.size() == 2) {
      return new ClipShape(
          frames,
          whole(args.whole(size, two.get(0), 1, Values.MOST), config),
          whole(args.whole(size, two.get(1), 1, Values.MOST), config));
    }
    return ClipShape.square(frames, whole(size(size, SIZE), config));
  }

  /** Whole patches of a side, as the official code takes them. */
  private static int whole(int side, VitConfig config) {
    return Math.max(1, side / config.patch()) * config.patch();
  }

  private int size(String key, int otherwise) {
    return args.integerOr(key, otherwise);
  }

  private int classes() {
    Shape head = shapes.get("head.weight");
    if (head.rank() != 2 || head.dim(0) < 1 || head.dim(0) > VideoClassifier.Options.MOST_CLASSES) {
      throw new IllegalArgumentException(
          "head.weight has shape %s where [classes, width] is needed, of at most %s classes"
              .formatted(head, VideoClassifier.Options.MOST_CLASSES));
    }
    return (int) head.dim(0);
  }

  /** What a config of another kind says of sizes has to be what its tensors are. */
  private void checkArguments(VitConfig config) {
    if (checkpoint.config() == null) {
      return;
    }
    check(args.first("embed_dim", "hidden_size"), config.width());
    check(args.first("depth", "num_hidden_layers"), config.depth());
    check("patch_size", config.patch());
    check("tubelet_size", config.tubelet());
  }

  private void check(String key, int found) {
    if (args.has(key) && args.integer(key, 1) != found) {
      throw args.wrong(key, found + " as its tensors are", args.map().get(key));
    }
  }

  /**
   * The official fine-tuning samples sparsely for Something-Something, and where its arguments say
   * so.
   */
  private SamplingRule sampling() {
    boolean sparse =
        "SSV2".equals(args.map().get("data_set"))
            || Boolean.TRUE.equals(args.map().get("sparse_sample"));
    return sparse && kind == ModelKind.CLASSIFIER ? SamplingRule.SPARSE : SamplingRule.DENSE;
  }

  private ModelDescription hinted(ModelDescription d) {
    ClipShape clip =
        new ClipShape(
            or(hints.frames(), d.clip().frames()),
            or(hints.size(), d.clip().height()),
            or(hints.size(), d.clip().width()));
    Purpose purpose = d.purpose();
    if (purpose instanceof Classification known && hints.keep() != null) {
      purpose = known.withSelection(hints.keep() == 1 ? null : new ReRoSelection(1 - hints.keep()));
    }
    ModelDescription hinted =
        new ModelDescription(
            d.config(), clip, or(hints.stride(), d.stride()), purpose, d.sampling(), d.frames());
    try {
      Promise.checkClips(hinted);
    } catch (IllegalArgumentException e) {
      if (hints.frames() != null || hints.size() != null || hints.keep() != null) {
        throw e; // what was asked for is impossible, and not what the file says
      }
      throw new CheckpointException(
          "%s describes clips that do not fit its model: %s"
              .formatted(checkpoint.path(), e.getMessage()),
          e);
    }
    return hinted;
  }

  private static int or(Integer said, int otherwise) {
    return said == null ? otherwise : said;
  }
}
