package dev.tenzing.everest.verify;

import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.nn.SelfAttention;
import java.util.Map;
import java.util.Set;

/**
 * The arguments with which a reference file's model was made by the constructors of EVEREST and
 * VideoMAE V2: {@code kwargs} of its config, and the constructors' defaults for those left out.
 *
 * @param file the file
 */
record OfficialArguments(ReferenceFile file) {
  private static final Set<String> SHARED =
      Set.of(
          "img_size",
          "patch_size",
          "in_chans",
          "num_classes",
          "mlp_ratio",
          "qkv_bias",
          "qk_scale",
          "drop_rate",
          "attn_drop_rate",
          "drop_path_rate",
          "init_values",
          "use_learnable_pos_emb",
          "all_frames",
          "tubelet_size",
          "use_checkpoint",
          "with_cp",
          "cos_attn");

  private static final Set<String> CLASSIFIER =
      Set.of(
          "embed_dim",
          "depth",
          "num_heads",
          "fc_drop_rate",
          "head_drop_rate",
          "init_scale",
          "use_mean_pooling",
          "mcm",
          "mcm_ratio");

  private static final Set<String> PRETRAINING =
      Set.of(
          "encoder_in_chans",
          "encoder_num_classes",
          "encoder_embed_dim",
          "encoder_depth",
          "encoder_num_heads",
          "decoder_num_classes",
          "decoder_embed_dim",
          "decoder_depth",
          "decoder_num_heads",
          "motion_centric_masking",
          "motion_centric_masking_ratio",
          "masking_ratio");

  /** Clips that the model sees. */
  ClipShape clip() {
    double[] size = file.numbers("kwargs.img_size");
    int frames = (int) file.number("num_frames", number("all_frames", 16));
    return new ClipShape(frames, (int) size[0], (int) size[size.length - 1]);
  }

  /** Sizes of a masked autoencoder. */
  VitConfig pretraining() {
    check(PRETRAINING);
    zero("drop_path_rate");
    if (file.isSet("kwargs.use_learnable_pos_emb")) {
      throw refused(
          "use_learnable_pos_emb: the official pre-training model adds one position more than there"
              + " are tokens and fails");
    }
    VitConfig config =
        new VitConfig(
                "reference",
                integer("encoder_embed_dim", 768),
                integer("encoder_depth", 12),
                integer("encoder_num_heads", 12),
                integer("patch_size", 16),
                integer("tubelet_size", 2),
                number("mlp_ratio", 4),
                integer("decoder_embed_dim", 512),
                integer("decoder_depth", 8),
                integer("decoder_num_heads", 8),
                number("init_values", 0),
                file.number("layer_norm_eps"))
            .withAttention(attention());
    if (integer("decoder_num_classes", config.patchValues()) != config.patchValues()) {
      throw refused(
          "decoder_num_classes %s: a patch has %s values"
              .formatted(integer("decoder_num_classes", 0), config.patchValues()));
    }
    return config;
  }

  /** Sizes of a classifier. */
  VitConfig classifier() {
    check(CLASSIFIER);
    zero("fc_drop_rate");
    zero("head_drop_rate");
    return new VitConfig(
            "reference",
            integer("embed_dim", 768),
            integer("depth", 12),
            integer("num_heads", 12),
            integer("patch_size", 16),
            integer("tubelet_size", 2),
            number("mlp_ratio", 4),
            1,
            0,
            1,
            number("init_values", 0),
            file.number("layer_norm_eps"))
        .withAttention(attention());
  }

  /** What a classifier has beside the encoder. */
  VideoClassifier.Options options() {
    return new VideoClassifier.Options(
        integer("num_classes", 1000),
        file.isSet("kwargs.mcm") ? new ReRoSelection(file.number("kwargs.mcm_ratio")) : null,
        !Boolean.FALSE.equals(file.value("kwargs.use_mean_pooling")),
        file.isSet("kwargs.use_learnable_pos_emb"),
        number("drop_path_rate", 0),
        number("init_scale", 0));
  }

  /** Whether blocks run again in the backward. */
  boolean recompute() {
    return file.isSet("kwargs.use_checkpoint") || file.isSet("kwargs.with_cp");
  }

  private SelfAttention.Style attention() {
    return new SelfAttention.Style(
        file.isSet("kwargs.qkv_bias"), file.isSet("kwargs.cos_attn"), number("qk_scale", 0));
  }

  private void check(Set<String> own) {
    if (file.value("kwargs") instanceof Map<?, ?> given) {
      for (Object name : given.keySet()) {
        if (!SHARED.contains(name) && !own.contains(name)) {
          throw refused(name + ", which no model here has");
        }
      }
    }
    if (integer("in_chans", 3) != 3 || integer("encoder_in_chans", 3) != 3) {
      throw refused("other than three channels");
    }
    zero("drop_rate");
    zero("attn_drop_rate");
  }

  private void zero(String name) {
    if (number(name, 0) != 0) {
      throw refused("%s %s: its draws are not in the file".formatted(name, number(name, 0)));
    }
  }

  private VerifyException refused(String what) {
    return new VerifyException(
        file.path() + " cannot be replayed: its model was made with " + what);
  }

  private double number(String name, double otherwise) {
    return file.number("kwargs." + name, otherwise);
  }

  private int integer(String name, int otherwise) {
    return (int) number(name, otherwise);
  }
}
