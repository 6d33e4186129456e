package dev.tenzing.everest.checkpoint;

import dev.tenzing.engine.Device;
import dev.tenzing.engine.Rng;
import dev.tenzing.engine.io.SafetensorsMutation;
import dev.tenzing.everest.description.Classification;
import dev.tenzing.everest.description.Method;
import dev.tenzing.everest.description.ModelDescription;
import dev.tenzing.everest.description.Pretraining;
import dev.tenzing.everest.masking.ReRoSelection;
import dev.tenzing.everest.model.ClipShape;
import dev.tenzing.everest.model.MaskedAutoencoder;
import dev.tenzing.everest.model.VideoClassifier;
import dev.tenzing.everest.model.VitConfig;
import dev.tenzing.fuzz.ByteMutation;
import dev.tenzing.fuzz.JsonMutation;
import dev.tenzing.fuzz.Mutation;
import dev.tenzing.fuzz.Target;
import dev.tenzing.fuzz.Target.Attack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Checkpoints as the models that they hold, of every format. */
public final class CheckpointTargets {
  private static final ClipShape CLIP = new ClipShape(4, 16, 24);
  private static final VitConfig CONFIG =
      new VitConfig("test", 12, 2, 3, 8, 2, 4, 8, 1, 2, 0, 1e-6);
  private static final VideoClassifier.Options OPTIONS =
      new VideoClassifier.Options(3, new ReRoSelection(0.4), true, false, 0.1, 1);

  /** Official checkpoints do not say it; others say it again. */
  private static final Hints HEADS = new Hints(3, 2, null, null, null, null);

  private static final String[] DESCRIPTION = {
    "model",
    "frames",
    "height",
    "width",
    "stride",
    "sampling",
    "frame_selection",
    "pretraining",
    "classifier",
    "class_names",
    "name",
    "depth",
    "heads",
    "patch",
    "tubelet",
    "mlp_ratio",
    "decoder_width",
    "decoder_depth",
    "decoder_heads",
    "init_values",
    "layer_norm_eps",
    "decoder_mlp_ratio",
    "head_norm_eps",
    "encoder_norm",
    "qkv_bias",
    "cosine_attention",
    "qk_scale",
    "method",
    "mask_ratio",
    "keep",
    "decoder_mask",
    "normalize_targets",
    "classes",
    "removed",
    "mean_pooling",
    "learnable_positions",
    "drop_path",
    "init_scale",
    "dropout",
    "head_dropout",
    "everest",
    "videomae",
    "st-mae",
    "videomae-v2",
    "running-cell:0.5",
    "frame:0.5",
    "random:2",
    "tube:nan",
    "sparse",
    "dense",
    "tiny"
  };
  private static final String[] CONFIG_JSON = {
    "model_type",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "patch_size",
    "tubelet_size",
    "intermediate_size",
    "decoder_hidden_size",
    "decoder_num_hidden_layers",
    "decoder_num_attention_heads",
    "decoder_intermediate_size",
    "layer_norm_eps",
    "qkv_bias",
    "qv_bias",
    "num_frames",
    "image_size",
    "num_channels",
    "hidden_act",
    "id2label",
    "label2id",
    "use_mean_pooling",
    "norm_pix_loss",
    "videomae",
    "vit",
    "gelu",
    "relu",
    "tenzing"
  };

  private CheckpointTargets() {}

  /** The targets. */
  public static List<Target> all() {
    return List.of(
        new Target(
            "checkpoint-description",
            5,
            folder -> models(folder, SafetensorsMutation.ofMetadata("tenzing", DESCRIPTION))),
        new Target(
            "checkpoint-header",
            5,
            folder ->
                models(
                    folder,
                    SafetensorsMutation.ofHeaders(
                        "dtype",
                        "shape",
                        "data_offsets",
                        "F32",
                        "I64",
                        "BF16",
                        "pos_embed",
                        "head.weight",
                        "encoder.norm.weight",
                        "fc_norm.weight",
                        "blocks.0.attn.qkv.weight",
                        "blocks.1000000000.norm1.weight",
                        "module.x",
                        "__metadata__",
                        "format"))),
        new Target("checkpoint-official", 5, CheckpointTargets::official),
        new Target("hugging-face-pretrained", 5, folder -> huggingFace(folder, 0)),
        new Target("hugging-face-classifier", 5, folder -> huggingFace(folder, 1)),
        new Target("convert", 20, CheckpointTargets::converted));
  }

  private static List<byte[]> seeds(Path folder) throws Exception {
    Path file = folder.resolve("good.safetensors");
    List<byte[]> seeds = new ArrayList<>();
    try (Device device = Device.cpu(1);
        MaskedAutoencoder autoencoder =
            new MaskedAutoencoder(CONFIG, CLIP, device, Rng.seed(3), false);
        VideoClassifier classifier =
            new VideoClassifier(CONFIG, CLIP, OPTIONS, device, Rng.seed(1), false)) {
      ModelFile.write(
          file,
          autoencoder.parameters(),
          new ModelDescription(CONFIG, CLIP, 4, Pretraining.official(Method.EVEREST)));
      seeds.add(Files.readAllBytes(file));
      ModelFile.write(
          file,
          classifier.parameters(),
          new ModelDescription(
              CONFIG, CLIP, 3, new Classification(OPTIONS, List.of("a", "b", "ünï"))));
      seeds.add(Files.readAllBytes(file));
    }
    Files.delete(file);
    return seeds;
  }

  private static Attack models(Path folder, Mutation mutation) throws Exception {
    Device device = Device.cpu(1);
    return Attack.onFile(
            folder.resolve("model.safetensors"), seeds(folder), mutation, file -> use(file, device))
        .allowing(32 << 20);
  }

  /** Official checkpoints, which say less of themselves. */
  private static Attack official(Path folder) throws Exception {
    Device device = Device.cpu(1);
    Path files = Path.of("../everest/src/test/resources/pth");
    return Attack.onFile(
            folder.resolve("model.pth"),
            List.of(
                Files.readAllBytes(files.resolve("v2_finetune_module_bf16_legacy.pth")),
                Files.readAllBytes(files.resolve("v2_pretrain_compiled_zip.pth"))),
            ByteMutation.with("module.", "_orig_mod.", "encoder.", "head.", "K\u0001", "K\u00ff"),
            file -> use(file, device))
        .allowing(32 << 20);
  }

  /** The {@code config.json} beside the tensors of one of the models. */
  private static Attack huggingFace(Path folder, int model) throws Exception {
    Device device = Device.cpu(1);
    Path ours = Files.write(folder.resolve("ours.safetensors"), seeds(folder).get(model));
    Path theirs = folder.resolve("theirs");
    try (Checkpoint checkpoint = Checkpoint.open(ours)) {
      new Conversion(checkpoint, Hints.NONE).write(theirs, CheckpointFormat.HUGGING_FACE, true);
    }
    Path config = theirs.resolve(HuggingFaceConfig.NAME);
    ByteMutation bytes = ByteMutation.with("{", "}", "[", "\"", ":", "null", "0", "-1", "1e9");
    return new Attack(
            List.of(Files.readAllBytes(config)),
            JsonMutation.with(CONFIG_JSON).sometimesThen(10, bytes),
            input -> {
              Files.write(config, input);
              use(theirs, device);
            })
        .allowing(32 << 20);
  }

  private static Attack converted(Path folder) throws Exception {
    return Attack.onFile(
            folder.resolve("model.safetensors"),
            seeds(folder),
            Mutation.anyOf(
                SafetensorsMutation.ofMetadata("tenzing", DESCRIPTION),
                SafetensorsMutation.ofHeaders("dtype", "shape", "F16", "x")),
            file -> {
              for (CheckpointFormat format :
                  List.of(
                      CheckpointFormat.SAFETENSORS,
                      CheckpointFormat.PTH,
                      CheckpointFormat.HUGGING_FACE)) {
                Path to = folder.resolve("to-" + format.name());
                try (Checkpoint checkpoint = Checkpoint.open(file)) {
                  new Conversion(checkpoint, Hints.NONE).write(to, format, true);
                }
                try (Checkpoint copy = Checkpoint.open(to)) {
                  copy.kind();
                  copy.shapes();
                }
              }
            })
        .allowing(64 << 20);
  }

  /** Reads a model on a device that it leaves as it was, whatever came of it. */
  private static void use(Path path, Device device) {
    device.resetPeakMemory();
    RuntimeException refused = null;
    try (ModelFile file = ModelFile.open(path, HEADS)) {
      if (file.description().shapes().isEmpty()) {
        throw new AssertionError("a model without parameters");
      }
      file.model(device).close();
      file.encoder(device, null).close();
    } catch (RuntimeException e) {
      refused = e;
    }
    if (device.memory().peak() > 64L << 20 || device.memory().current() != 0) {
      throw new AssertionError(
          "%,d bytes of tensors, of which %,d stay, for %,d of file"
              .formatted(
                  device.memory().peak(), device.memory().current(), path.toFile().length()));
    }
    if (refused != null) {
      throw refused;
    }
  }
}
