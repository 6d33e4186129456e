package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.Shape;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.masking.RunningCellMask;
import dev.tenzing.everest.masking.TokenMask;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.everest.recipe.Method;
import dev.tenzing.everest.recipe.Pretraining;
import dev.tenzing.nn.Attention;
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

  private static final int SIZE = 224;
  private static final int STRIDE = 4;

  private final Checkpoint checkpoint;
  private final Hints hints;
  private final Map<String, Shape> shapes;
  private final Map<?, ?> args;
  private final ModelKind kind;
  private final String encoder;

  Inference(Checkpoint checkpoint, Hints hints) {
    this.checkpoint = checkpoint;
    this.hints = hints;
    this.shapes = checkpoint.shapes();
    this.args = checkpoint.metadata().get("args") instanceof Map<?, ?> map ? map : Map.of();
    this.kind = checkpoint.kind();
    this.encoder = shapes.containsKey("encoder.patch_embed.proj.weight") ? "encoder." : "";
  }

  ModelDescription description() {
    if (checkpoint.metadata().get(ModelDescription.KEY) instanceof String own) {
      return hinted(ModelDescription.ofJson(own, checkpoint.path().toString()));
    }
    shape("patch_embed.proj.weight", 5);
    if (checkpoint.config() != null) {
      int classes = kind == ModelKind.CLASSIFIER ? dim(shapes.get("head.weight"), 0) : 0;
      return hinted(checkpoint.config().description(kind, classes));
    }
    try {
      VitConfig config = config();
      return hinted(
          new ModelDescription(
              config,
              clip(config),
              (int) number("sampling_rate", STRIDE),
              kind == ModelKind.PRETRAINING ? pretraining() : null,
              kind == ModelKind.CLASSIFIER ? classifier() : null,
              List.of(),
              sampling(),
              null));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new CheckpointException(
          checkpoint.path() + " holds no model that makes sense: " + e.getMessage(), e);
    }
  }

  // ---- from names and shapes
  // ---------------------------------------------------------------------------------------------------------------

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
            OFFICIAL_EPS,
            decoderRatio,
            OFFICIAL_EPS,
            kind != ModelKind.PRETRAINING || shapes.containsKey("encoder.norm.weight"),
            new Attention.Style(
                shapes.containsKey(encoder + "blocks.0.attn.q_bias"),
                shapes.containsKey(encoder + "blocks.0.attn.scale"),
                number("qk_scale", 0))));
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
    int heads = or(hints.heads(), cosineHeads(encoder, known));
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
    boolean selects = Boolean.TRUE.equals(args.get("mcm"));
    return new VideoClassifier.Options(
        dim(shapes.get("head.weight"), 0),
        selects ? new ReRoSelection(number("mcm_ratio", 0.4)) : null,
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
    return Math.toIntExact(shape.dim(i));
  }

  // ---- from the arguments of the official scripts
  // -----------------------------------------------------------------------------------------

  private Pretraining pretraining() {
    Method method =
        "motion-centric".equals(args.get("mask_type"))
            ? Method.EVEREST
            : "random".equals(args.get("mask_type"))
                ? Method.ST_MAE
                : decoderMask() == null ? Method.VIDEOMAE : Method.VIDEOMAE_V2;
    return new Pretraining(
        method,
        number("mask_ratio", 0.9),
        1 - number("motion_centric_masking_ratio", 0.7),
        method.selects() ? null : decoderMask(),
        !Boolean.FALSE.equals(args.get("normlize_target")));
  }

  /** Running cells, the only mask of the official decoder, which mask whole quarters. */
  private TokenMask decoderMask() {
    int quarters = (int) (4 * number("decoder_mask_ratio", 0));
    return "run_cell".equals(args.get("decoder_mask_type")) && quarters > 0 && quarters < 4
        ? new RunningCellMask(quarters / 4.0)
        : null;
  }

  private ClipShape clip(VitConfig config) {
    int frames = (int) number("num_frames", FRAMES);
    Shape positions = shapes.get(encoder + "pos_embed");
    if (positions != null && positions.rank() == 3) {
      // Learned positions are as many as the clip has tokens.
      long perSlot = positions.dim(1) / Math.max(1, frames / config.tubelet());
      return ClipShape.square(frames, (int) Math.round(Math.sqrt(perSlot)) * config.patch());
    }
    int size = (int) number("input_size", SIZE);
    return ClipShape.square(frames, size / config.patch() * config.patch());
  }

  /** The official fine-tuning samples sparsely for Something-Something, and where it is told to. */
  private SamplingRule sampling() {
    boolean sparse =
        "SSV2".equals(args.get("data_set")) || Boolean.TRUE.equals(args.get("sparse_sample"));
    return sparse && kind == ModelKind.CLASSIFIER ? SamplingRule.SPARSE : SamplingRule.DENSE;
  }

  private double number(String key, double otherwise) {
    return args.get(key) instanceof Number number ? number.doubleValue() : otherwise;
  }

  // ---- from the user
  // -----------------------------------------------------------------------------------------------------------------------

  private ModelDescription hinted(ModelDescription d) {
    ClipShape clip =
        new ClipShape(
            or(hints.frames(), d.clip().frames()),
            or(hints.size(), d.clip().height()),
            or(hints.size(), d.clip().width()));
    VideoClassifier.Options classifier = d.classifier();
    if (classifier != null && hints.keep() != null) {
      classifier =
          classifier.withSelection(hints.keep() == 1 ? null : new ReRoSelection(1 - hints.keep()));
    }
    return new ModelDescription(
        d.config(),
        clip,
        or(hints.stride(), d.stride()),
        d.pretraining(),
        classifier,
        d.classNames(),
        d.sampling(),
        d.frames());
  }

  private static int or(Integer said, int otherwise) {
    return said == null ? otherwise : said;
  }
}
